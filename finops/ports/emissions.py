"""Where emissions come from: grams of CO2 equivalent beside the costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from finops.model.money import SCALE
from finops.ports.source import Check

EMISSION_LABELS = ("ServiceProviderName", "SubAccountId", "SubAccountName", "ServiceName", "RegionId")
"""FOCUS columns that a row of emissions may have; configured dimensions are worked out from them and from Tags."""

EMISSIONS_SCHEMA = pl.Schema(
    {
        "start": pl.Date(),
        "end": pl.Date(),
        "grams": pl.Decimal(38, SCALE),
        **dict.fromkeys((*EMISSION_LABELS, "Tags"), pl.String()),
    }
)
"""``start`` to ``end`` (exclusive): the days that ``grams`` were emitted over. ``Tags``: JSON text, or null."""


@dataclass(frozen=True, slots=True)
class EmissionsDelivery:
    """Everything that a source knows of its emissions. ``frame`` has ``EMISSIONS_SCHEMA``.

    A day without a row is not known, it is not free of emissions. ``digest`` changes when, and only when, the content
    does. ``notes`` are sentences for people.
    """

    frame: pl.DataFrame
    digest: str
    notes: tuple[str, ...] = ()


class EmissionsSource(Protocol):
    """One provider's emissions. Construction does no I/O; errors are those of ``finops.errors``."""

    name: str

    @property
    def kind(self) -> str:
        """As in finops.yaml."""
        ...

    def read(self, known_digest: str | None) -> EmissionsDelivery | None:
        """All of them, or None when the digest is still ``known_digest``."""
        ...

    def check(self) -> Sequence[Check]: ...
