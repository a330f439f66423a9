"""``spec`` of a Growth policy as its file says it."""

from __future__ import annotations

from pydantic import Field, field_validator

from finops.errors import InvalidValue
from finops.evaluate.statistics.long_run import FEWEST_WEEKS
from finops.evaluate.statistics.weeks import WEEK
from finops.evaluate.windows.demand_options import DemandOptions, Window

DEFAULT_WINDOW_DAYS = 84


class GrowthOptions(DemandOptions):
    """Does cost grow faster than demand?"""

    window: Window = Field(
        default=DEFAULT_WINDOW_DAYS,
        validate_default=False,
        description="Settled days to evaluate, in days or weeks. Growth is measured against the previous window. "
        "Whole weeks work best; default: 84d.",
        examples=["84d", "12w"],
    )

    @field_validator("window")
    @classmethod
    def _is_long_enough(cls, days: int) -> int:
        fewest = FEWEST_WEEKS * WEEK
        if days < fewest:
            raise InvalidValue(
                f"a window of {days} days is too short for a trend", f"Write {fewest}d or more, like 84d"
            )
        return days
