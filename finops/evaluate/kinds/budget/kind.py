"""Is spending within budget?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Self

from finops.evaluate.forecasting.foresee import history_window
from finops.evaluate.forecasting.history import SPLIT_BY
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays, Needs, PolicyKind, Verdict, YearPlan
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.budget.compared import compared
from finops.evaluate.kinds.budget.due import days_needed
from finops.evaluate.kinds.budget.numbers import Numbers
from finops.evaluate.kinds.budget.options import BudgetOptions, Due, Flexed, Rollover, Span
from finops.evaluate.kinds.budget.plan import planned_months
from finops.evaluate.kinds.budget.profile import PROFILE
from finops.evaluate.kinds.budget.prospect import Prospect
from finops.evaluate.kinds.budget.rollover import rollover_days
from finops.model.budget_year import Revised
from finops.model.finding import State
from finops.model.kind_profile import KindProfile
from finops.model.period import Period, period_of
from finops.policy.options import CommonOptions

_FORESEEN = ("forecast", "exhausts_in")


@dataclass(frozen=True, slots=True)
class Budget(PolicyKind[BudgetOptions]):
    """``spent``: every row known, provisional days too, as a share of the limit or as an amount.
    ``remaining``: limit − spent. ``pace``: settled spend ÷ what is due by the end of the last settled day.
    ``forecast``: what the whole period will come to ÷ its limit, or as an amount, with an 80 % interval.
    ``exhausts_in``: how long from now until the limit is spent by the forecast.

    The amount holds for each group. A flexed budget has earned ``demand x amount`` up to the last day whose demand is
    known, and is held against the spend up to that same day.
    """

    profile: ClassVar[KindProfile] = PROFILE
    Options: ClassVar[type[CommonOptions]] = BudgetOptions

    @classmethod
    def currency_of(cls, options: BudgetOptions) -> str:
        """The currency that every amount of the policy must have."""
        return options.currency

    def needs(self, moment: Moment) -> Needs:
        amount, judged = self.options.amount, self.period(moment)
        carried = rollover_days(self.options, judged, moment)
        period = days_needed(self.options, judged)
        period = Period(min(period.start, carried.start), period.end)
        demand = (amount.per,) if isinstance(amount, Flexed) else ()
        if not self.foresees:
            every_day = self.options.due is Due.PROFILE or self.options.rollover is not Rollover.NONE
            return Needs(period, demand, counted=None if every_day else judged)
        past = history_window(moment.today)
        return Needs(Period(min(period.start, past.start), max(period.end, past.end)), demand, SPLIT_BY)

    @property
    def by_day(self) -> bool:
        """``exhausts_in`` counts from the moment on."""
        return not self.foresees

    @property
    def foresees(self) -> bool:
        """Only an alert that asks for it makes a forecast: it looks at 21 months where the others look at a period."""
        return any(alert.measure in _FORESEEN for alert in self.envelope.alerts)

    def period(self, moment: Moment) -> Period:
        """The period that holds the evaluation's day, or the policy's own."""
        period = self.options.period
        if isinstance(period, Span):
            return period.period
        return period_of(period, moment.today, fiscal_year_starts=moment.settings.fiscal_year_starts)

    def numbers(self, data: GroupData) -> Numbers:
        return Numbers(self.options, self.period(data.moment), data)

    def explain(self, data: GroupData) -> list[str]:
        numbers = self.numbers(data)
        return [*numbers.lines(), *(self.prospect(numbers).explained() if self.foresees else ())]

    def prospect(self, numbers: Numbers) -> Prospect:
        return Prospect(numbers, self.envelope.cost)

    def _compared(self, numbers: Numbers) -> ComparedDays | None:
        return compared(self.options, numbers.period, numbers.settled_through, numbers.data)

    def without_forecast(self) -> Self:
        alerts = self.envelope.alerts
        others = [alert for alert in alerts if alert.measure not in _FORESEEN] or [
            replace(alert, measure="spent") for alert in alerts if alert.measure == "forecast"
        ]
        return replace(self, envelope=replace(self.envelope, alerts=tuple(others))) if others else self

    def plan(self, data: GroupData, year: Period, first: date | None, *, foretell: bool) -> YearPlan | None:
        options = self.options
        if options.period in ("day", "week"):
            return None
        months, notes = planned_months(options, self.envelope.cost, data, year, first, foretell=foretell)
        revisions = [Revised(date.fromisoformat(f"{one.from_}-01"), one.by, one.reason) for one in options.revisions]
        return YearPlan(options.currency, options.parent, revisions, months, notes)

    def judge(self, data: GroupData) -> Verdict:
        period = self.period(data.moment)
        numbers = self.numbers(data)
        gap = data.gap(period.end - timedelta(days=1))
        readings = {"spent": numbers.spent(), "remaining": numbers.remaining(), "pace": numbers.pace()}
        prospect = self.prospect(numbers) if self.foresees else None
        if prospect is not None:
            readings |= {"forecast": prospect.forecast(), "exhausts_in": prospect.exhausts_in()}
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=readings["spent"].amount)
        return Verdict.of(
            outcome,
            currency=self.options.currency,
            period=period,
            amount={**numbers.amounts(), **(prospect.amounts() if prospect is not None else {})},
            measures=measures_of(readings),
            due=numbers.line,
            compared=self._compared(numbers) if outcome.state is State.FIRING else None,
            lines=prospect.lines() if prospect is not None else {},
        )
