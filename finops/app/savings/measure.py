"""Claims -> what they saved: what demand would have cost under the relation before, less what it did cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations

from finops.app.costs import CostReader
from finops.app.costs.reader import Asked
from finops.app.costs.sums import rows_in
from finops.app.savings.parts import parts_of
from finops.conditions import parse
from finops.deferred import numpy as np
from finops.evaluate.cases.demand import Demand, read_demand
from finops.evaluate.forecasting.recurring import recurring
from finops.evaluate.statistics.counterfactual import FEWEST_WEEKS, Counterfactual, Interval, counterfactual
from finops.evaluate.statistics.weeks import WEEK, Days, Floats
from finops.lake.tables.failures import lake_failures
from finops.model.cost_question import CostQuestion, Every, scope_of
from finops.model.cost_report import SourceAge
from finops.model.money import minor_unit
from finops.model.period import Period, month_start
from finops.model.saving import Estimated, MeasuredSaving, SavingClaim, SavingParts, SavingState
from finops.model.wording import amount_text, count_text

FEWEST_DAYS = 14
BEFORE_WEEKS = 13
LONGEST = timedelta(days=366)
"""So long is measured: after a year the new cost is what is usual."""
_RECURRING = timedelta(days=62)
"""Before the weeks that are compared: a monthly charge of then pays for their first days."""
_DAY = timedelta(days=1)
_MONTH = 30
_CONFIDENCE = "90 %"


def span_of(since: date) -> Period:
    """The days before a claim that its relation is learnt from."""
    return Period(since - timedelta(weeks=BEFORE_WEEKS), since)


@dataclass(frozen=True, slots=True)
class _Region:
    """Rows of ``scope`` that from its first day on belong to another ``claim``, too, which has ``share`` of what is
    saved there. ``demand``: what drives them."""

    scope: str
    claim: SavingClaim
    demand: str
    share: float

    @property
    def since(self) -> date:
        return self.claim.since


@dataclass(frozen=True, slots=True)
class _Course:
    """What a scope cost each day, charges that recur spread over the days they pay for, beside what was expected."""

    days: tuple[date, ...]
    found: Counterfactual

    def saved(self, period: Period) -> tuple[Interval, float, float, int]:
        """With what was expected, what it did cost, and how many days are known."""
        chosen = np.array([day in period for day in self.days], dtype=bool)
        expected, actual = (float(one[chosen].sum()) for one in (self.found.expected, self.found.level.actual))
        return self.found.saved(chosen), expected, actual, int(chosen.sum())


@dataclass(frozen=True)
class Measuring:
    """Claims on one data version. Each scope is read once."""

    costs: CostReader
    claims: Sequence[SavingClaim]
    as_of: datetime | None = None
    _courses: dict[tuple[str, date, str], _Course | str] = field(default_factory=dict, init=False, repr=False)
    _series: dict[str, Demand] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _whole(self) -> Asked:
        """Everything, for the data version and how far its sources are settled."""
        return self.costs.understand(CostQuestion(every=Every.ALL), as_of=self.as_of)

    @property
    def mark(self) -> object:
        """What decides the measures of these claims: where marks are equal, so are they."""
        return self.costs.mark(self._whole)

    @property
    def sources(self) -> Sequence[SourceAge]:
        return [SourceAge(one.source, one.delivered_at, one.complete_through) for one in self._whole.freshness]

    @cached_property
    def settled_through(self) -> date | None:
        return self.costs.settled_through(self._whole, [one.source for one in self._whole.freshness])

    def all(self, month: date | None, *, most_rows: int | None) -> Iterator[MeasuredSaving]:
        """``most_rows``: where more single rows than these would have to be read for it, a saving has no parts."""
        for claim in self.claims:
            measured = self._measured(claim, month)
            if measured.saved is not None and measured.period is not None:
                measured = self._with_parts(measured, most_rows)
            yield measured

    def _measured(self, claim: SavingClaim, month: date | None) -> MeasuredSaving:
        settled = self.settled_through
        if settled is None:
            return MeasuredSaving(claim, SavingState.UNKNOWN, "No day of any bill is settled.")
        last = min(settled, claim.since + LONGEST - _DAY)
        if (last - claim.since).days + 1 < FEWEST_DAYS:
            known = max(0, (last - claim.since).days + 1)
            reason = f"{known} of the {FEWEST_DAYS} settled days that it takes; bills are settled through {settled}."
            return MeasuredSaving(claim, SavingState.MEASURING, reason)
        course = self._course(claim.scope, claim.since, claim.demand)
        if isinstance(course, str):
            return MeasuredSaving(claim, SavingState.UNKNOWN, course)
        regions, others = self._regions(claim, last)
        whole = self._net(course, regions, Period(claim.since, last + _DAY))
        proven = whole[0].certain
        period = Period(claim.since, last + _DAY)
        if month is not None:
            start, end = max(period.start, month), min(period.end, month_start(month, 1))
            if start >= end:
                reason = f"Measured from {period.start} to {period.last_day}: not in this month."
                return MeasuredSaving(claim, SavingState.MEASURING, reason)
            period = Period(start, end)
        saved, expected, actual, days = whole if month is None else self._net(course, regions, period)
        return self._told(claim, period, proven, saved, expected, actual, days, others)

    def _told(
        self,
        claim: SavingClaim,
        period: Period,
        proven: bool,
        saved: Interval,
        expected: float,
        actual: float,
        days: int,
        others: tuple[str, ...],
    ) -> MeasuredSaving:
        currency = self.costs.settings.config.currency
        unit = minor_unit(currency)
        found = Estimated(*(_money(one, unit) for one in (saved.amount, saved.low, saved.high)))
        against = f"what {claim.demand} would have cost" if claim.demand else "the level before, whatever demand did"
        low, high = (amount_text(one, currency) for one in (found.low, found.high))
        held = f"between {low} and {high} with {_CONFIDENCE}, against {against}"
        said = "Saved" if proven else "Cost more than it would have:" if saved.high < 0 else "Not told from noise:"
        reason = f"{said} {held}."
        missing = period.days - days
        notes = [f"{count_text(missing, 'day')} without a value of {claim.demand} left out"] if missing else []
        if others:
            notes.append(f"on the same rows as {', '.join(others)}: what that proves is counted there")
        return MeasuredSaving(
            claim,
            SavingState.PROVEN if proven else SavingState.NOT_PROVEN,
            reason,
            period,
            days,
            found,
            _money(expected, unit),
            _money(actual, unit),
            shared_with=others,
            notes=tuple(notes),
        )

    def _net(self, course: _Course, regions: Sequence[_Region], period: Period) -> tuple[Interval, float, float, int]:
        """Of ``course`` in ``period``, less what others saved of it. The errors of both count as independent, which is
        wide: on the days after they are of the same rows."""
        saved, expected, actual, days = course.saved(period)
        amount, below, above = saved.amount, (saved.amount - saved.low) ** 2, (saved.high - saved.amount) ** 2
        for region in regions:
            theirs = self._course(region.scope, region.since, region.demand)
            assert not isinstance(theirs, str)  # noqa: S101 - it was measured to be chosen; tells the type checker
            part, *_ = theirs.saved(period)
            amount -= region.share * part.amount
            below += (region.share * (part.high - part.amount)) ** 2
            above += (region.share * (part.amount - part.low)) ** 2
        return Interval(amount, amount - below**0.5, amount + above**0.5), expected, actual, days

    def _regions(self, claim: SavingClaim, last: date) -> tuple[list[_Region], tuple[str, ...]]:
        """What of the claim's rows belongs to claims of the same day and later ones, each row to the first of these:
        what that one is measured by holds those after it, too. Of the same day, all have equal shares.

        A later claim takes nothing away unless it is proven, on these rows or on all of its own.
        """
        others = [one for one in self.claims if one.id != claim.id and claim.since <= one.since <= last]
        others = sorted((one for one in others if self._overlap(claim, one, last)), key=lambda one: (one.since, one.id))
        regions: list[_Region] = []
        same = [one for one in others if one.since == claim.since]
        for count in range(1, len(same) + 1):
            for some in combinations(same, count):
                rest = [one for one in same if one not in some]
                scope = scope_of(claim.scope, *(one.scope for one in some), *(_not(one) for one in rest))
                regions.append(_Region(scope, some[0], claim.demand, count / (count + 1)))
        later = [one for one in others if one.since > claim.since]
        for place, one in enumerate(later):
            scope = scope_of(claim.scope, one.scope, *(_not(before) for before in (*same, *later[:place])))
            regions.append(_Region(scope, one, one.demand, 1.0))
        whole = Period(claim.since, last + _DAY)
        regions = [one for one in regions if self._spent(one.scope, Period(span_of(one.since).start, whole.end))]
        return [one for one in regions if self._takes(one, whole)], tuple(one.id for one in others)

    def _takes(self, region: _Region, period: Period) -> bool:
        course = self._course(region.scope, region.since, region.demand)
        if isinstance(course, str):
            return False
        return region.share < 1 or course.saved(period)[0].certain or self._is_proven(region.claim)

    def _is_proven(self, claim: SavingClaim) -> bool:
        """By itself, before anything is shared."""
        course = self._course(claim.scope, claim.since, claim.demand)
        return not isinstance(course, str) and course.saved(Period(claim.since, course.days[-1] + _DAY))[0].certain

    def _overlap(self, claim: SavingClaim, other: SavingClaim, last: date) -> bool:
        scope = scope_of(claim.scope, other.scope)
        return self._spent(scope, Period(span_of(other.since).start, last + _DAY))

    def _spent(self, scope: str, period: Period) -> bool:
        """Whether any row of ``scope`` lies in ``period``."""
        question = CostQuestion(period.start, period.end, every=Every.ALL, scope=scope)
        return bool(self.costs.report(self.costs.understand(question, as_of=self.as_of)).rows)

    def _course(self, scope: str, since: date, demand: str) -> _Course | str:
        """Why nothing can be said, where that is so."""
        key = scope, since, demand
        if key not in self._courses:
            self._courses[key] = self._read(scope, since, demand)
        return self._courses[key]

    def _read(self, scope: str, since: date, demand: str) -> _Course | str:
        settled = self.settled_through
        assert settled is not None  # noqa: S101 - asked for only then; tells the type checker
        before, end = span_of(since), min(settled, since + LONGEST - _DAY) + _DAY
        question = CostQuestion(before.start - _RECURRING, end, every=Every.DAY, scope=scope)
        report = self.costs.report(self.costs.understand(question, as_of=self.as_of))
        amounts = {row.span.start: row.amounts[0] for row in report.rows if row.span is not None}
        if any(amount is None for amount in amounts.values()):
            return f"Some costs are unknown: {'; '.join(report.notes)}."
        if not amounts:
            return f"No row from {question.start} to {settled} is in the scope."
        first = min(amounts)
        days = [first + place * _DAY for place in range((end - first).days)]
        cost = spread_over_months(first, np.array([float(amounts.get(day) or 0) for day in days]))
        served = self._demand(scope, demand) if demand else dict.fromkeys(days, Decimal(1))
        known = [place for place, day in enumerate(days) if day in served]
        earlier, later = (
            Days(
                tuple(days[place] for place in places),
                cost[places],
                np.array([float(served[days[place]]) for place in places]),
            )
            for places in (
                [place for place in known if days[place] in before],
                [place for place in known if days[place] >= since],
            )
        )
        found = counterfactual(earlier, later, since)
        if found is None:
            of_demand = f" and of {demand}" if demand else ""
            return (
                f"Too little is known before {since}: it takes {FEWEST_WEEKS} weeks of {WEEK} days of cost{of_demand}, "
                f"of the {BEFORE_WEEKS} before it."
            )
        if found.moved is not None:
            return (
                f"The cost moved to another level on {found.moved}, too shortly before {since} to tell what is usual: "
                f"claim from that day, or from {FEWEST_WEEKS} weeks after it."
            )
        return _Course(later.days, found)

    def _demand(self, scope: str, name: str) -> Mapping[date, Decimal]:
        """The rows of a series for which the scope stands: those with the one value of a dimension that it holds."""
        if name not in self._series:
            with lake_failures(self.costs.lake.uri):
                self._series[name] = read_demand(self.costs.lake.at(self._whole.version), [name])
        series = self._series[name]
        condition = parse(scope, self.costs.columns)
        values: dict[str, set[str]] = {}
        for _, dimensions, _ in series.rows.get(name, ()):
            for dimension, value in dimensions.items():
                values.setdefault(dimension, set()).add(value)
        group = {
            dimension: value
            for dimension, known in values.items()
            if dimension in self.costs.columns.types
            for value in known
            if condition.confines(dimension, {value})
        }
        return series.of([name], group)[name]

    def _with_parts(self, measured: MeasuredSaving, most_rows: int | None) -> MeasuredSaving:
        """Price, mix and charges are those of the days measured against as many before, as cost drivers have them."""
        assert measured.period is not None  # noqa: S101 - asked for only then; tells the type checker
        assert measured.saved is not None  # noqa: S101
        before = span_of(measured.claim.since)
        with lake_failures(self.costs.lake.uri):
            view = self.costs.lake.at(self._whole.version)
            rows = sum(rows_in(view, period) for period in (before, measured.period))
            if most_rows is not None and rows > most_rows:
                told = f"price and mix take {count_text(rows, 'row')} to read: 'finops savings list' shows them"
                return replace(measured, notes=(*measured.notes, told))
            found = parts_of(self.costs, self._whole.version, measured.claim.scope, before, measured.period)
        if isinstance(found, str):
            return replace(measured, notes=(*measured.notes, found))
        unit = minor_unit(self.costs.settings.config.currency)
        price, mix, charges = (-found[name].quantize(unit) for name in ("price", "mix", "other"))
        return replace(measured, parts=SavingParts(measured.saved.amount - price - mix - charges, price, mix, charges))


def _not(claim: SavingClaim) -> str:
    """Rows that are not in a claim's scope: those of which it is not true, so unknown ones too."""
    return f"NOT COALESCE(({claim.scope}), FALSE)"


def spread_over_months(first: date, cost: Floats) -> Floats:
    """Charges that recur, each spread over the month from its day on; the rest of the newest lies ahead."""
    found = recurring(first, cost)
    amounts = np.where(found.days, found.amounts, 0.0)
    spread = cost - amounts
    for place in np.flatnonzero(amounts):
        paid = spread[place : place + _MONTH]
        paid += amounts[place] / _MONTH
    return spread


def _money(amount: float, unit: Decimal) -> Decimal:
    return Decimal(repr(amount)).quantize(unit)
