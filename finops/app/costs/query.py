"""What is summed, and the sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from finops.conditions import Condition
from finops.model.cost_question import DEFAULT_COST, Every, spans
from finops.model.cost_report import Amounts
from finops.model.period import Period


@dataclass(frozen=True, slots=True)
class CostQuery:
    """``by``: columns of the rollup or of single rows, or ``tags['key']``. ``condition``, ``restriction``: rows must
    satisfy both; the second is what the viewer may see. ``currency``: what every amount is converted to at its day's
    rate; '' leaves each in its bill's own."""

    period: Period
    by: tuple[str, ...] = ()
    costs: tuple[str, ...] = (DEFAULT_COST,)
    condition: Condition | None = None
    restriction: Condition | None = None
    every: Every = Every.DAY
    fiscal_year_starts: int = 1
    currency: str = ""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(one for one in (self.condition, self.restriction) if one is not None)

    def may_hold(self, source: str) -> bool:
        """Whether rows of ``source`` could satisfy the conditions."""
        return all(one.may_hold({"source": source}) for one in self.conditions)

    @property
    def spans(self) -> tuple[Period, ...]:
        return spans(self.period, self.every, fiscal_year_starts=self.fiscal_year_starts)


@dataclass(frozen=True, slots=True)
class CostSum:
    """``span``: a place in ``CostQuery.spans``. ``group``: the values of ``by``, '' for none."""

    span: int
    group: tuple[str, ...]
    currency: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class CostSums:
    """``sums``: sorted by span, group and currency, each once. ``sources``: whose rows satisfy the conditions, ever.
    ``last``: the last day with a row. ``unconverted``: the first day without a rate, by currency. ``doubted``: whose
    amounts are unknown, as not all of these sources' rows are there (``LakeView.faults``), each with why."""

    sums: tuple[CostSum, ...]
    sources: tuple[str, ...]
    last: date | None
    from_rows: bool
    unconverted: Mapping[str, date]
    doubted: Mapping[str, str] = field(default_factory=dict)
