"""Keys of kinds that hold cost against a demand series over a window of days."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from finops.errors import InvalidValue
from finops.model.money import Money
from finops.policy.options import AlertOptions, CommonOptions, DemandName
from finops.policy.when import parse_threshold

_SPAN = re.compile(r"(?P<number>[+-]?\d{1,4})(?P<unit>[dw])")
_DAYS = {"d": 1, "w": 7}
LONGEST_WINDOW_DAYS = 1098
LONGEST_LAG_DAYS = 92


def _span(value: object, example: str) -> int:
    match = _SPAN.fullmatch(str(value).strip())
    if match is None:
        raise InvalidValue(f"'{value}' is not a valid number of days", f"Write it like {example}")
    return int(match["number"]) * _DAYS[match["unit"]]


def _window(value: object) -> int:
    days = _span(value, "84d or 12w")
    if not 0 < days <= LONGEST_WINDOW_DAYS:
        raise InvalidValue(
            f"a window of '{value}' is not a valid window", f"Write 1d to {LONGEST_WINDOW_DAYS}d, like 84d or 12w"
        )
    return days


def _lag(value: object) -> int:
    days = _span(value, "7d, or -7d")
    if abs(days) > LONGEST_LAG_DAYS:
        raise InvalidValue(f"a lag of '{value}' is too long", f"Write at most {LONGEST_LAG_DAYS}d, like 7d or -7d")
    return days


Window = Annotated[
    int, BeforeValidator(_window), WithJsonSchema({"type": "string", "pattern": r"^\d{1,4}[dw]$", "examples": ["84d"]})
]
"""In days."""

Lag = Annotated[
    int, BeforeValidator(_lag), WithJsonSchema({"type": "string", "pattern": r"^[+-]?\d{1,3}[dw]$", "examples": ["7d"]})
]
"""In days."""


class DemandOptions(CommonOptions):
    """Cost against demand."""

    demand: DemandName = Field(description="Name of a demand series.", examples=["orders"])
    lag: Lag = Field(
        default=0,
        validate_default=False,
        description="By how many days cost follows demand: with 7d a day's cost is compared with the demand of a week "
        "before; negative where demand follows cost.",
        examples=["7d", "-3d"],
    )


def currency_in(alerts: tuple[AlertOptions, ...], minimum: Money | None) -> str | None:
    """Of the first amount in ``alerts``, else of ``minimum``."""
    for alert in alerts:
        threshold = alert.when.split(">")[-1].split("<")[-1].lstrip("= ").strip()
        found = parse_threshold(threshold)
        if found is not None and isinstance(found[1], Money):
            return found[1].currency
    return minimum.currency if minimum is not None else None
