"""``spec`` of a UnitCost policy as its file says it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from finops.errors import InvalidValue
from finops.evaluate.statistics.two_windows import FEWEST_WEEKS
from finops.evaluate.statistics.weeks import WEEK
from finops.evaluate.windows.demand_options import DemandOptions, Window

DEFAULT_WINDOW_DAYS = 28


def _per(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value <= 0:
        raise InvalidValue(f"'{value}' is not a valid number of units", "Write a number above 0, like 1000")
    return Decimal(str(value))


class UnitCostOptions(DemandOptions):
    """What does one order, user, request, 1,000 tokens cost?"""

    window: Window = Field(
        default=DEFAULT_WINDOW_DAYS,
        validate_default=False,
        description="Settled days to sum, in days or weeks. Changes are measured against the previous window. "
        "Whole weeks work best; default: 28d.",
        examples=["28d", "4w"],
    )
    per: Annotated[
        Decimal, BeforeValidator(_per), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "examples": [1000]})
    ] = Field(default=Decimal(1), description="The cost is that of so many units: 1000 for the cost of 1,000 tokens.")

    @model_validator(mode="after")
    def _is_long_enough(self) -> UnitCostOptions:
        fewest = FEWEST_WEEKS * WEEK
        if self.window < fewest and any(alert.when.strip().startswith("unit_cost_change") for alert in self.alerts):
            raise InvalidValue(
                f"unit_cost_change needs a window of {fewest} days or more to tell a change from noise",
                f"Write 'window: {fewest}d', or watch unit_cost alone",
            )
        return self
