"""How much spend has an owner?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from finops.errors import InvalidValue
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays, Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.allocation.numbers import Numbers
from finops.evaluate.kinds.allocation.profile import PROFILE
from finops.evaluate.windows.settled_window import SettledWindow, WindowDays
from finops.model.kind_profile import KindProfile
from finops.model.period import Period
from finops.policy.options import CommonOptions, GroupColumn


def _values(value: object) -> object:
    if isinstance(value, list):
        if "" in value:
            raise InvalidValue("the empty string is never an owner", "Remove the empty string")
        if len({str(item) for item in value}) < len(value):
            raise InvalidValue("a value is listed twice", "Name each value once")
    return value


class AllocationOptions(CommonOptions):
    """How much spend has an owner?"""

    dimension: GroupColumn = Field(
        description="Dimension (or text column) that holds the owner of a cost.", examples=["team"]
    )
    unset: Annotated[tuple[str, ...], BeforeValidator(_values)] = Field(
        default=("unallocated",),
        description="Values of the dimension that mean 'no owner', in addition to no value; such as its 'else'.",
        examples=[["unallocated", "unknown"]],
    )
    window: WindowDays = Field(default=30, description="Number of settled days to sum.")


@dataclass(frozen=True, slots=True)
class Allocation(PolicyKind[AllocationOptions]):
    """``allocated``: spend whose dimension is set ÷ all spend, over the settled days of the window.

    The dimension is set where it has a value that is not one of ``unset``. Source: FinOps Foundation, FinOps KPIs,
    "Percentage of Costs Associated with Unallocated Cloud Resources", of which this is the complement.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = AllocationOptions

    def needs(self, moment: Moment) -> Needs:
        return Needs(SettledWindow(self.options.window).needed(moment), split_by=(self.options.dimension,))

    def numbers(self, data: GroupData) -> Numbers:
        window = SettledWindow(self.options.window)
        return Numbers(self.options.dimension, self.options.unset, window, self.envelope, data)

    def _compared(self, window: Period | None) -> ComparedDays | None:
        """What has no owner, in the window and in the days before it."""
        if window is None:
            return None
        before = SettledWindow(self.options.window).before(window)
        within = {self.options.dimension: ("", *self.options.unset)}
        return ComparedDays(before, tuple(window), within=within, of=f"spend without a {self.options.dimension}")

    def unowned_values(self) -> Mapping[str, tuple[str, ...]]:
        return {self.options.dimension: self.options.unset}

    def explain(self, data: GroupData) -> list[str]:
        return self.numbers(data).explained()

    def judge(self, data: GroupData) -> Verdict:
        numbers, today = self.numbers(data), data.moment.today
        readings = {"allocated": numbers.allocated()}
        gap = data.gap(data.moment.last_day_due)
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=numbers.spent)
        return Verdict.of(
            outcome,
            currency=numbers.currency,
            period=numbers.window or Period(today, today + timedelta(days=1)),
            amount=numbers.amounts(),
            measures=measures_of(readings),
            lines=numbers.lines(),
            notes=numbers.notes(),
            compared=self._compared(numbers.window),
        )
