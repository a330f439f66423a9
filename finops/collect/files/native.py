"""Bills that are not FOCUS, among FOCUS files: converted by their own source's code, or refused with a way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from finops.collect.aws.cur import CurConversion
from finops.collect.formats.recognise import Format

WAY_IN: Mapping[Format, str] = MappingProxyType(
    {
        Format.AZURE_DETAILS: "Collect it with the source kind azure-cost-export, or export FOCUS costs",
        Format.OCI_COST: "Download OCI's FOCUS reports instead",
        Format.GCP_EXPORT: "Export Google's FOCUS view of BigQuery instead",
    }
)
"""What to do with a bill that is recognised and not converted."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """``rows``: FOCUS columns. ``repairs``: what converting repaired, once the rows were read."""

    rows: pl.LazyFrame
    repairs: Callable[[], Mapping[str, int]]


def conversion(found: Format, name: str, rows: pl.LazyFrame) -> Conversion | None:
    """The file's rows as FOCUS; None where they are already. Raises ``RefusedBatch`` where columns are missing."""
    if found in (Format.CUR, Format.LEGACY_CUR):
        report = CurConversion(name, rows.collect_schema())
        return Conversion(report.rows(rows), lambda: dict(report.mended))
    return None
