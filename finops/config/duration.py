"""Durations as people write them: ``90s``, ``15m``, ``6h``, ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from finops.errors import InvalidValue

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36_525)
"""So that a moment and a duration from now always have a date."""

_PATTERN = r"^[1-9][0-9]*[smhd]$"


def parse_duration(text: object) -> timedelta:
    """``"6h"`` -> 6 hours. Raises ``InvalidValue``."""
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or not re.fullmatch(_PATTERN, text):
        raise InvalidValue(f"'{text}' is not a valid duration", "Write a whole number and s, m, h or d, like '6h'")
    try:
        span = timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    except (OverflowError, ValueError):  # thousands of digits are no number for Python either
        span = timedelta.max
    if span > LONGEST:
        raise InvalidValue("this is longer than a hundred years", "Write a duration like '6h'")
    return span


def write_duration(value: timedelta) -> str:
    """The shortest way to write it: ``timedelta(hours=6)`` -> ``"6h"``."""
    seconds = int(value.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["6h", "48h", "7d"]}),
]
