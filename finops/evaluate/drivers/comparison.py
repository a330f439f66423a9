"""What of one firing verdict is compared: which rows, which days, in which money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

import polars as pl

from finops.evaluate.cases.case import Case
from finops.evaluate.judgement.kind import ComparedDays, Verdict
from finops.model.finding import State
from finops.model.money import EXACT, quantise
from finops.model.period import Period
from finops.ports.lake import LakeView


@dataclass(frozen=True, slots=True)
class Comparison:
    """``case``: the place among all cases. ``before``: only days from which the sources of the group had data."""

    place: int
    case: Case
    compared: ComparedDays
    currency: str
    before: tuple[date, ...]
    notes: tuple[str, ...]

    @property
    def after(self) -> tuple[date, ...]:
        return self.compared.after

    @property
    def cost(self) -> str:
        return self.case.rule.envelope.cost

    @property
    def columns(self) -> frozenset[str]:
        return self.case.rule.envelope.columns | set(self.compared.within)

    @property
    def spans(self) -> tuple[Period, Period]:
        """The spans that hold the days before and after, of which not every day has to count."""
        return _span(self.before), _span(self.after)

    def holds(self) -> pl.Expr:
        """Whether a row is of the policy, the group, and what is compared of it; over ``columns``."""
        envelope = self.case.rule.envelope
        group = [(column, (value,)) for column, value in sorted(self.case.data.group.items())]
        wanted = [
            pl.col(column).fill_null("").is_in(list(values))
            for column, values in (*group, *sorted(self.compared.within.items()))
        ]
        condition = envelope.condition.expression() if envelope.condition is not None else pl.lit(value=True)
        return pl.all_horizontal(condition.fill_null(value=False), *wanted)

    def explained(self, before_amount: Decimal) -> Decimal | None:
        growth = self.compared.demand_growth
        if growth is None:
            return None
        with localcontext(EXACT):
            return quantise(before_amount * Decimal(repr(growth)))


def comparisons(cases: Sequence[Case], verdicts: Sequence[Verdict], view: LakeView) -> list[Comparison]:
    """One for each verdict that fires over a cost that can have changed, in order. Where no day before has data,
    ``before`` is empty and the notes say so."""
    firing = [
        (place, case, verdict)
        for place, (case, verdict) in enumerate(zip(cases, verdicts, strict=True))
        if verdict.state is State.FIRING and verdict.compared is not None and verdict.compared.after
    ]
    begins = _begins(view) if firing else {}
    return [found for place, case, verdict in firing for found in _comparison(place, case, verdict, begins)]


def _comparison(place: int, case: Case, verdict: Verdict, begins: Mapping[str, date]) -> Iterator[Comparison]:
    compared = verdict.compared
    assert compared is not None  # noqa: S101 - asked for only where it is there; tells the type checker
    own = {name: begins[name] for name in sorted(source.source for source in case.data.sources) if name in begins}
    name, first = max(own.items(), key=lambda one: one[1]) if own else ("", date.min)
    before = tuple(sorted(day for day in compared.before if day >= first))
    notes: tuple[str, ...] = ()
    if not before:
        notes = (f"nothing to compare with: the data of {name} starts on {first}",) if name else ()
    elif len(before) < len(compared.before):
        kept, asked = len(before), len(compared.before)
        notes = (f"the change compares {kept} of {asked} days: the data of {name} starts on {first}",)
    yield Comparison(place, case, compared, verdict.currency, before, notes)


def _begins(view: LakeView) -> dict[str, date]:
    """The first day of each source in the lake: before it a cost is not zero, it is not known."""
    scopes = view.scopes().select("scope_id", "source")
    first = view.costs_daily().group_by("scope_id").agg(pl.col("day").min())
    found = first.join(scopes, on="scope_id").group_by("source").agg(pl.col("day").min()).collect()
    return dict(found.select("source", "day").iter_rows())


def _span(days: Sequence[date]) -> Period:
    return Period(min(days), max(days) + timedelta(days=1))
