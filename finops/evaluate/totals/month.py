"""What the month comes to, for everything and for each value of the dimensions: no policy needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.conditions import Condition
from finops.evaluate.cases.case_builder import CaseCache, build_cases
from finops.evaluate.forecasting.foresee import foresee, history_window
from finops.evaluate.forecasting.history import SPLIT_BY
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.kind import Needs
from finops.evaluate.judgement.moment import Moment
from finops.memo import Memo
from finops.model.cost_question import DEFAULT_COST
from finops.model.money import added
from finops.model.month_costs import MonthCosts, MonthForecast
from finops.model.period import Period, month_start, period_of
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView

MOST_GROUPS = 200
"""Combinations of dimensions that are forecast one by one."""
SUMMED = "__other__"
"""The value of a dimension that is not told apart, as too many combinations have rows."""
_DAY = timedelta(days=1)
_WHOLE, _PARTS = "month", "month by dimension"


class MonthCache:
    """What was read for the last month costs: of what did not change since, nothing is read again."""

    def __init__(self, *, most_rows: int) -> None:
        self._cases = CaseCache(most_rows=most_rows)
        self._made: Memo[MonthCosts] = Memo()

    def costs(
        self,
        view: LakeView,
        moment: Moment,
        freshness: Sequence[SourceFreshness],
        *,
        unowned: Collection[str],
    ) -> MonthCosts:
        """``unowned``: values of the first dimension that mean nobody, beside none."""
        settled = {one.source: moment.settled_through(one) for one in freshness}
        key = view.marks(), moment.today, settled, moment.settings.rates.digest, tuple(sorted(unowned))
        return self._made.of(key, lambda: month_costs(view, moment, freshness, unowned=unowned, cache=self._cases))


def month_costs(
    view: LakeView,
    moment: Moment,
    freshness: Sequence[SourceFreshness],
    *,
    unowned: Collection[str] = (),
    cache: CaseCache | None = None,
) -> MonthCosts:
    """One read of the rollup for all of it. A forecast is that of a monthly budget over the same rows."""
    dimensions = _told_apart(view, moment.settings.dimensions)
    rules = [_rule(_WHOLE, ()), *([_rule(_PARTS, dimensions)] if dimensions else [])]
    cases = list(build_cases(rules, view, moment, freshness, cache=cache))
    whole = next(case.data for case in cases if case.policy.name == _WHOLE)
    parts = [case.data for case in cases if case.policy.name == _PARTS and case.data.seen]
    return _month(whole, parts, dimensions, moment, {"", *unowned})


def month_forecast(
    view: LakeView, moment: Moment, freshness: Sequence[SourceFreshness], *, within: Condition | None = None
) -> tuple[MonthForecast | None, str]:
    """That of ``month_costs``, or of the rows that satisfy ``within`` alone; without one, why not."""
    [case] = build_cases([_rule(_WHOLE, (), within)], view, moment, freshness)
    notes: list[str] = []
    made = _forecast(case.data, (), moment.settings.currency, period_of("month", moment.today), notes)
    return made, "; ".join(notes)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is summed, as a policy would say it."""

    envelope: Envelope

    def needs(self, moment: Moment) -> Needs:
        past = history_window(moment.today)
        start = min(past.start, month_start(moment.today, -12))
        return Needs(Period(start, max(past.end, month_start(moment.today, 1))), split_by=SPLIT_BY)


def _rule(name: str, group_by: tuple[str, ...], condition: Condition | None = None) -> Policy:
    envelope = Envelope(condition, DEFAULT_COST, group_by, None, 1, (), ())
    return Policy(name, "Month", "", "", _Rule(envelope), "", "", 0, "")


def _told_apart(view: LakeView, dimensions: Sequence[str]) -> tuple[str, ...]:
    """As many of the dimensions, from the first on, as have at most ``MOST_GROUPS`` combinations."""
    known = view.scopes().collect_schema().names()
    kept = tuple(name for name in dimensions if name in known)
    combinations = view.scopes().select(kept).unique().collect()
    while kept and combinations.select(kept).unique().height > MOST_GROUPS:
        kept = kept[:-1]
    return kept


def _month(
    whole: GroupData, parts: Sequence[GroupData], told_apart: tuple[str, ...], moment: Moment, unowned: Collection[str]
) -> MonthCosts:
    settings, today = moment.settings, moment.today
    currency, month = settings.currency, period_of("month", today)
    first = min(whole.daily, default=None)
    to_date_period = Period(month.start, today + _DAY)
    settled = whole.settled_through
    settled = min(settled, month.end - _DAY) if settled is not None and settled >= month.start else None
    last_month, last_year = (Period(month_start(today, -back), month_start(today, 1 - back)) for back in (1, 12))
    settled_days = Period(month.start, settled + _DAY) if settled is not None else None
    same_days = settled_days and Period(
        last_month.start, min(last_month.start + (settled_days.end - month.start), last_month.end)
    )
    notes: list[str] = []
    forecast = _forecast(whole, (), currency, month, notes)
    to_date = _spent(whole, to_date_period, currency, first, notes) if whole.seen else None
    unallocated = None
    if told_apart and to_date is not None:
        nobody = [data for data in parts if data.group[told_apart[0]] in unowned]
        unallocated = added([_spent(data, to_date_period, currency, month.start, notes) for data in nobody])
    gap = whole.gap(today)
    return MonthCosts(
        period=month,
        through=today,
        currency=currency,
        dimensions=settings.dimensions,
        to_date=to_date,
        forecast=forecast,
        last_month=_spent(whole, last_month, currency, first, notes),
        settled_through=settled,
        settled=_spent(whole, settled_days, currency, first, notes),
        last_month_to_date=_spent(whole, same_days, currency, first, notes),
        last_year=_spent(whole, last_year, currency, first, notes),
        unallocated=unallocated,
        unowned=tuple(sorted(unowned)),
        forecasts=tuple(
            made
            for data in parts
            if (made := _forecast(data, _values(data, told_apart, settings.dimensions), currency, month, []))
            is not None
        ),
        note="; ".join(dict.fromkeys([*([gap] if gap else []), *notes])),
    )


def _forecast(
    data: GroupData, group: tuple[str, ...], currency: str, month: Period, notes: list[str]
) -> MonthForecast | None:
    try:
        foreseen = foresee(data, DEFAULT_COST, currency, month)
    except Unknowable as error:
        notes.append(error.reason)
        return None
    return MonthForecast(group, foreseen.total, foreseen.total_low, foreseen.total_high)


def _spent(
    data: GroupData, period: Period | None, currency: str, first: date | None, notes: list[str]
) -> Decimal | None:
    """None where the bills begin within the period or have not reached it, or a rate is missing."""
    if period is None or first is None or first > period.start:
        return None
    try:
        spent = data.spent(period, period.end - _DAY, currency)
    except Unknowable as error:
        notes.append(error.reason)
        return None
    if spent or (unreached := data.unreached(period)) is None:
        return spent
    notes.append(unreached)
    return None


def _values(data: GroupData, told_apart: Sequence[str], dimensions: Sequence[str]) -> tuple[str, ...]:
    return tuple(data.group[name] if name in told_apart else SUMMED for name in dimensions)
