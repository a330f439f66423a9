"""What everything costs: as columns, since a large bill has a hundred thousand lines of which few are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from finops.model.money import SCALE

AMOUNT = pl.Decimal(38, SCALE)
AMOUNTS = pl.Schema(
    {
        "place": pl.UInt32(),
        "cost": pl.String(),
        "currency": pl.String(),
        "day": pl.Date(),
        "day_amount": AMOUNT,
        "month_to_date_amount": AMOUNT,
    }
)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One series of the cost families, in its own billing currency; ``place`` are the values of provider, account,
    service and the configured dimensions. ``day`` is the latest settled day of the sources behind it (None: nothing is
    settled). ``month_to_date_amount``: None as long as the month has neither a row nor a settled day."""

    place: tuple[str, ...]
    cost: str
    currency: str
    day: date | None
    day_amount: Decimal | None
    month_to_date_amount: Decimal | None


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """``places``: a text column each for provider, account, service and the dimensions of the evaluation, in that
    order; no row twice, sorted, "" where there is no value. ``amounts``: see ``AMOUNTS``; ``place`` is a row of
    ``places``, and each place has one row for each cost and currency, in the order of place, currency, cost."""

    places: pl.DataFrame
    amounts: pl.DataFrame

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Costs):
            return NotImplemented
        return self.places.equals(other.places) and self.amounts.equals(other.amounts)

    def __hash__(self) -> int:
        return hash((self.places.shape, self.amounts.shape))

    def __len__(self) -> int:
        return self.amounts.height

    def lines(self) -> Iterator[CostLine]:
        """Each by itself, for who looks at a few."""
        places = self.places.rows()
        for place, *rest in self.amounts.iter_rows():
            yield CostLine(places[place], *rest)


NO_COSTS = Costs(pl.DataFrame(), pl.DataFrame(schema=AMOUNTS))
