"""Did a group stop spending? A whole policy kind, as a distribution of its own has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.model.kind_profile import (
    AlertRule,
    Chart,
    ChartType,
    Figure,
    KindProfile,
    Measure,
    Metric,
    Panel,
    PanelType,
    Series,
)
from finops.model.money import Money
from finops.model.period import Period
from finops.model.unit import Unit
from finops.policy.options import CommonOptions

PROFILE = KindProfile(
    kind="Idle",
    title="Idle spend",
    question="Did a group stop spending?",
    documentation="https://example.com/idle",
    advice="Ask the owner whether the workload moved.",
    measures={"daily_spend": Measure("Spend a day", (Unit.AMOUNT,))},
    figures=(Figure("Spent", amount="spent", note="{period}"), Figure("A day", amount="daily_spend")),
    charts=(
        Chart(
            "by-day",
            ChartType.DAILY,
            "Spend by day",
            "Spend by day in {period}.",
            lines=(("spend", "Spend"),),
            mail_title="Spend by day",
        ),
    ),
    metrics=(
        Metric("finops_idle_daily_amount", "Mean spend a day, in units of the label currency.", amount="daily_spend"),
    ),
    rules=(AlertRule("FinopsIdle", "{policy} spends next to nothing", "Its mean spend a day is below the threshold."),),
    panels=(
        Panel(
            PanelType.LINES, "Idle groups", "Mean spend a day.", (Series("finops_idle_daily_amount"),), unit="locale"
        ),
    ),
)


class IdleOptions(CommonOptions):
    """Did a group stop spending?"""

    days: int = Field(default=7, ge=1, description="How many days up to yesterday are averaged.")


@dataclass(frozen=True, slots=True)
class Idle(PolicyKind[IdleOptions]):
    """``daily_spend``: the mean of the last days."""

    profile: ClassVar[KindProfile] = PROFILE
    Options: ClassVar[type[CommonOptions]] = IdleOptions

    def _window(self, moment: Moment) -> Period:
        return Period(moment.today - timedelta(days=self.options.days), moment.today)

    def needs(self, moment: Moment) -> Needs:
        return Needs(self._window(moment))

    def judge(self, data: GroupData) -> Verdict:
        window, currency = self._window(data.moment), data.moment.settings.currency
        spent = data.spent(window, data.moment.today, currency)
        daily = Money(spent / self.options.days, currency)
        readings = {"daily_spend": Reading("always", amount=daily)}
        outcome = judge_readings(self.envelope, data, readings, gap=data.gap(window.start), spent=None)
        return Verdict.of(
            outcome,
            currency=currency,
            period=window,
            amount={"spent": Money(spent, currency), "daily_spend": daily},
            measures=measures_of(readings),
            lines={"spend": tuple(data.converted(day, currency) for day in window)},
        )

    def explain(self, data: GroupData) -> list[str]:
        return [
            f"daily_spend = {data.spent(self._window(data.moment), data.moment.today, 'EUR')} / {self.options.days}"
        ]
