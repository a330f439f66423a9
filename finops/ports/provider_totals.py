"""What a provider itself says that a billing period cost: the lake is held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import polars as pl

from finops.model.period import Period

Cost = Literal["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]

TOTALS_SCHEMA = pl.Schema(
    {"day": pl.Date(), "service": pl.String(), "currency": pl.String(), "amount": pl.Decimal(38, 15)}
)
"""A line a day, service and currency; amounts of lines that share all three are added up."""


@dataclass(frozen=True, slots=True)
class Totals:
    """A provider's own count of one billing period.

    ``lines``: columns of ``TOTALS_SCHEMA``. ``day`` is the UTC day on which the charge period starts, null where the
    provider does not say; ``service`` is the provider's word for it, null likewise. ``cost``: the FOCUS cost that the
    amounts are. ``origin``: what was asked, for people (``Cost Explorer, UnblendedCost by SERVICE``). ``rows``: how
    many rows the provider counts, None where it does not. ``provisional``: the provider calls it an estimate itself.
    """

    lines: pl.DataFrame
    cost: Cost
    origin: str
    rows: int | None = None
    provisional: bool = False


@runtime_checkable
class ProviderTotals(Protocol):
    """What a source is besides ``Source`` where its provider can be asked for totals."""

    def totals(self, period: Period) -> Totals:
        """The billing period ``period`` (a whole month), asked now; an empty frame is a period that cost nothing.

        Asks the provider, not what was collected, and counts its calls in ``usage`` as a collection does. Raises what
        collecting raises.
        """
        ...
