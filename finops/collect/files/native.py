"""Bills that are not FOCUS, among FOCUS files: converted by their own source's code, or refused with a way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from finops.collect.aws.cur import CurConversion
from finops.collect.azure.native import as_focus
from finops.collect.azure.repairs import is_azure_focus, repaired
from finops.collect.files.oci import oci_as_focus
from finops.collect.formats.recognise import Format

WAY_IN: Mapping[Format, str] = MappingProxyType(
    {Format.GCP_EXPORT: "Collect Google's FOCUS view with the source kind gcp-billing, or export that view"}
)
"""What to do with a bill that is recognised and not converted."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """``rows``: FOCUS columns. ``repairs``: what converting repaired, once the rows were read."""

    rows: pl.LazyFrame
    repairs: Callable[[], Mapping[str, int]] = dict


def conversion(found: Format, name: str, rows: pl.LazyFrame) -> Conversion | None:
    """The file's rows as FOCUS, without the known faults of Azure's exports; None where they are that already.

    Raises ``RefusedBatch`` where columns are missing.
    """
    match found:
        case Format.CUR | Format.LEGACY_CUR:
            report = CurConversion(name, rows.collect_schema())
            return Conversion(report.rows(rows), lambda: dict(report.repaired))
        case Format.AZURE_DETAILS:
            return Conversion(as_focus(rows, name))
        case Format.OCI_COST:
            return Conversion(oci_as_focus(rows, name))
        case Format.COST_AND_USAGE if is_azure_focus(rows.collect_schema().names()):
            filled, counts = repaired(rows)
            return Conversion(filled, lambda: dict(counts))
        case _:
            return None
