"""What does a unit of money bring?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from finops.evaluate.forecasting.spread_charges import charges_needed
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.value.numbers import ValueNumbers
from finops.evaluate.kinds.value.options import ValueOptions
from finops.evaluate.kinds.value.profile import PROFILE
from finops.evaluate.windows.two_windows import days_needed, spent, window_shown
from finops.model.kind_profile import KindProfile
from finops.policy.options import CommonOptions


@dataclass(frozen=True, slots=True)
class Value(PolicyKind[ValueOptions]):
    """``return``: value ÷ cost of the window, an exact quotient of sums over settled days. ``marginal_return``: change
    of value ÷ change of cost, of a mean week since the window before. Both with a 90 % interval.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = ValueOptions

    def needs(self, moment: Moment) -> Needs:
        return Needs(charges_needed(days_needed(moment, self.options.window)), (self.options.value,))

    def numbers(self, data: GroupData) -> ValueNumbers:
        return ValueNumbers(self.options, self.currency(data), data)

    def explain(self, data: GroupData) -> list[str]:
        return self.numbers(data).lines()

    def check_warnings(self) -> Sequence[tuple[str, str]]:
        alerts = self.envelope.alerts
        if any(alert.measure != "marginal_return" for alert in alerts):
            return ()
        return (
            (
                "marginal_return alone is unknown whenever cost falls, stands still or is noisy",
                f"Add the line '- {{when: return < 1, severity: {alerts[0].severity.value}}}'",
            ),
        )

    def judge(self, data: GroupData) -> Verdict:
        numbers, currency = self.numbers(data), self.currency(data)
        readings = numbers.readings()
        window = window_shown(data, self.options.window)
        cost = spent(data, window, currency)
        gap = data.gap(data.moment.today + timedelta(days=1))
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=cost)
        return Verdict.of(
            outcome,
            currency=currency,
            period=window,
            amount={**({"spent": cost} if cost is not None else {}), **numbers.amounts()},
            measures=measures_of(readings),
            lines={"demand": numbers.two.lines()["demand"]} if numbers.two is not None else {},
            demand=self.options.value,
            notes=numbers.notes,
            compared=numbers.compared,
        )
