"""What was spent, by anything: the same numbers for the page Costs, ``finops costs`` and ``/api/v1/costs``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finops.model.cost_question import CostQuestion
from finops.model.data_version import DataVersion
from finops.model.money import difference
from finops.model.period import Period

Amounts = tuple[Decimal | None, ...]
"""One for each cost asked for, exact; None: unknown."""


def _change(amounts: Amounts, before: Amounts | None) -> Decimal | None:
    return difference(amounts[0], before[0] if before else None)


@dataclass(frozen=True, slots=True)
class CostRow:
    """``span``: None where only the compared period has one at its place (31 January against February). ``group``: the
    values of the columns asked for, '' for none. ``compared``: None without a comparison, or without a counterpart."""

    span: Period | None
    group: tuple[str, ...]
    currency: str
    amounts: Amounts
    provisional: bool
    compared_span: Period | None = None
    compared: Amounts | None = None
    comparable: bool = True

    @property
    def change(self) -> Decimal | None:
        """Of the first cost, exact; None where either is unknown, or the bills begin within the compared span."""
        return _change(self.amounts, self.compared) if self.comparable else None


@dataclass(frozen=True, slots=True)
class CostTotal:
    """One group over the whole period, and over the whole compared period."""

    group: tuple[str, ...]
    currency: str
    amounts: Amounts
    compared: Amounts | None = None
    comparable: bool = True

    @property
    def change(self) -> Decimal | None:
        """As ``CostRow.change``."""
        return _change(self.amounts, self.compared) if self.comparable else None


@dataclass(frozen=True, slots=True)
class SourceAge:
    """How far the bills of a source reach."""

    source: str
    delivered_at: datetime | None
    complete_through: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Times ISO 8601."""
        return {
            "source": self.source,
            "delivered_at": self.delivered_at.isoformat() if self.delivered_at else None,
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
        }


@dataclass(frozen=True, slots=True)
class Restated:
    """A delivery that changed a month which was known before: ``amounts`` by currency, new minus old."""

    source: str
    month: date
    at: datetime
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CostReport:
    """``by``: the columns, dropped names resolved. ``currency``: of every amount; '' where each is in its bill's own.

    ``rows``: sorted by span, group, currency. ``totals``: the largest first. ``whole``: one a currency, without groups.
    ``settled_through``: the last settled day of all ``sources``. ``from_rows``: single rows were read, not the rollup.
    ``drillable``: whether a condition can name each group. ``notes``: sentences about what is not in the numbers.
    ``unreached``: no source has delivered anything of the period yet: that nothing was spent is not known.
    """

    question: CostQuestion
    period: Period
    compared_period: Period | None
    by: tuple[str, ...]
    currency: str
    rows: tuple[CostRow, ...]
    totals: tuple[CostTotal, ...]
    whole: tuple[CostTotal, ...]
    settled_through: date | None
    sources: tuple[SourceAge, ...]
    version: DataVersion
    from_rows: bool
    drillable: bool = True
    restated: tuple[Restated, ...] = ()
    notes: tuple[str, ...] = ()
    unreached: bool = False
