"""``spec`` of a Value policy as its file says it."""

from __future__ import annotations

from pydantic import Field, field_validator

from finops.errors import InvalidValue
from finops.evaluate.statistics.two_windows import FEWEST_WEEKS
from finops.evaluate.statistics.weeks import WEEK
from finops.evaluate.windows.demand_options import Window
from finops.policy.options import CommonOptions, ValueName

DEFAULT_WINDOW_DAYS = FEWEST_WEEKS * WEEK


class ValueOptions(CommonOptions):
    """What does a unit of money bring?"""

    value: ValueName = Field(description="Name of a series of 'value:' in finops.yaml.", examples=["revenue"])
    window: Window = Field(
        default=DEFAULT_WINDOW_DAYS,
        validate_default=False,
        description="Settled days to sum: whole weeks, four or more. The marginal return compares it with the previous "
        "window. Default: 28d.",
        examples=["28d", "6w"],
    )

    @field_validator("window")
    @classmethod
    def _is_whole_weeks(cls, days: int) -> int:
        if days < DEFAULT_WINDOW_DAYS or days % WEEK:
            raise InvalidValue(
                f"a window of {days} days is not a window of four or more whole weeks", "Write it like 28d or 6w"
            )
        return days
