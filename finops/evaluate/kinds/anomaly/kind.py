"""Is the cost of a day unusual?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from finops.errors import InvalidValue
from finops.evaluate.forecasting.history import HISTORY_DAYS
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays, Needs, PolicyKind, Verdict
from finops.evaluate.judgement.lazy import LazyLines
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.anomaly.incidents import LOOKED_AT_DAYS, Judged
from finops.evaluate.kinds.anomaly.numbers import Numbers, judge_days
from finops.evaluate.kinds.anomaly.profile import PROFILE
from finops.model.incident import AcceptedLevel
from finops.model.kind_profile import KindProfile
from finops.model.money import Money
from finops.model.period import Period
from finops.policy.envelope import Envelope, Exemption
from finops.policy.options import CommonOptions, Day, Model

_LONGEST_DAYS = 14
_WRITTEN = re.compile(r"(\d+)d")
_AMOUNT = re.compile(r"\d\s*([A-Z]{3})\s*$")
_DAY = timedelta(days=1)


def _window(value: object) -> int:
    match = _WRITTEN.fullmatch(str(value))
    if match is None:
        raise InvalidValue(f"'{value}' is not a valid number of days", "Write it like 3d")
    days = int(match[1])
    if not 1 <= days <= _LONGEST_DAYS:
        raise InvalidValue(f"an anomaly cannot span {days} days", f"Write 1d to {_LONGEST_DAYS}d")
    return days


class AcceptedOptions(Model):
    """A new level that is meant to stay."""

    group: dict[str, str] = Field(
        default_factory=dict,
        description="The group, by columns of group_by; columns left out match every value.",
        examples=[{"team": "search"}],
    )
    since: Day = Field(description="First day of the level, as the verdict names it.")
    reason: str = Field(min_length=1, description="Reason for accepting it.")

    @property
    def level(self) -> AcceptedLevel:
        return AcceptedLevel(self.since, self.reason)

    def covers(self, group: Mapping[str, str]) -> bool:
        return all(group.get(column) == value for column, value in self.group.items())


class AnomalyOptions(CommonOptions):
    """Is the cost of a day unusual?"""

    accepted: tuple[AcceptedOptions, ...] = Field(
        default=(), description="New levels that are meant to stay: the incidents that began with them are closed."
    )

    window: Annotated[
        int, BeforeValidator(_window), WithJsonSchema({"type": "string", "pattern": r"^\d+d$", "examples": ["3d"]})
    ] = Field(default=3, description="Number of settled days to evaluate, each against the days before it.")


@dataclass(frozen=True, slots=True)
class Anomaly(PolicyKind[AnomalyOptions]):
    """``score``: how many standard deviations the day is above what its past lets expect. ``excess``: what it cost
    beyond the expected range. Of the last settled days the one that stands out most is the verdict."""

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = AnomalyOptions

    @classmethod
    def currency_of(cls, options: AnomalyOptions) -> str | None:
        """That of ``minimum``, or of the first alert on an amount; None where there is neither."""
        if options.minimum is not None:
            return options.minimum.currency
        named = (_AMOUNT.search(alert.when) for alert in options.alerts)
        return next((match[1] for match in named if match is not None), None)

    def needs(self, moment: Moment) -> Needs:
        first = moment.today - timedelta(days=HISTORY_DAYS)
        begun = [since for known in moment.settings.incidents.values() for since in known.open]
        first = min([first, *(since - timedelta(days=LOOKED_AT_DAYS) for since in begun)])
        return Needs(Period(first, moment.today + _DAY), beside_young=True)

    def numbers(self, data: Sequence[GroupData]) -> list[Numbers]:
        thresholds = (alert.threshold for alert in self.envelope.alerts)
        amounts = [self.envelope.minimum, *(one for one in thresholds if isinstance(one, Money))]
        named = next((money.currency for money in amounts if money is not None), None)
        window = self.options.window
        known: dict[str, dict[int, float]] = {}
        numbers = []
        for one in data:
            currency = named or one.moment.settings.currency
            of_policy = (level.level for level in self.options.accepted if level.covers(one.group))
            accepted = (*of_policy, *one.incidents.accepted)
            numbers.append(Numbers(self.envelope, currency, window, one, known.setdefault(currency, {}), accepted))
        judge_days(numbers)
        return numbers

    def explain(self, data: GroupData) -> list[str]:
        return list(self.numbers([data])[0].explained())

    def judge(self, data: GroupData) -> Verdict:
        return self.judge_together([data])[0]

    def judge_together(self, data: Sequence[GroupData]) -> list[Verdict]:
        return [self._verdict(*one) for one in zip(data, self.numbers(data), strict=True)]

    def _accepting(self, numbers: Numbers) -> Envelope:
        """The first days of a level that was accepted are excepted until the group's history has learnt it."""
        level = numbers.accepted_now()
        if level is None:
            return self.envelope
        learning = Exemption({}, str(level), numbers.data.moment.today)
        return replace(self.envelope, exemptions=(*self.envelope.exemptions, learning))

    def _verdict(self, data: GroupData, numbers: Numbers) -> Verdict:
        readings = numbers.readings()
        gap = data.gap(data.moment.last_day_due)
        outcome = judge_readings(self._accepting(numbers), data, readings, gap=gap, spent=numbers.spent)
        return Verdict.of(
            outcome,
            currency=numbers.currency,
            period=numbers.period,
            amount=numbers.amounts(),
            measures=measures_of(readings),
            lines=LazyLines(numbers.lines),
            compared=_compared(numbers.worst, numbers),
            sighting=numbers.sighting(),
        )


def _compared(worst: Judged | None, numbers: Numbers) -> ComparedDays | None:
    """The day against the same weekday of the four weeks before it, as far as the history reaches."""
    if worst is None:
        return None
    first = min(numbers.past)
    before = tuple(day for week in (4, 3, 2, 1) if (day := worst.day - 7 * week * _DAY) >= first)
    return ComparedDays(before, (worst.day,)) if before else None
