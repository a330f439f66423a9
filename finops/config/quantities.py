"""Durations (``90s``, ``15m``, ``6h``, ``7d``) and sizes (``512MiB``, ``2GiB``) in configuration files."""

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
        raise InvalidValue(f"'{text}' is not a valid duration", "Write a whole number and s, m, h or d, such as '6h'")
    try:
        span = timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    except (OverflowError, ValueError):  # thousands of digits are no number for Python either
        span = timedelta.max
    if span > LONGEST:
        raise InvalidValue("the duration is longer than a hundred years", "Write a duration such as '6h'")
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


_SIZES = {"MiB": 1024**2, "GiB": 1024**3}
_SIZE = r"^[1-9][0-9]{0,5}(MiB|GiB)$"


def parse_size(text: object) -> int:
    """``"1GiB"`` -> bytes. Raises ``InvalidValue``."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    found = re.fullmatch(_SIZE, text) if isinstance(text, str) else None
    if found is None:
        raise InvalidValue(f"'{text}' is not a valid size", "Write a whole number and MiB or GiB, like '1GiB'")
    return int(found[0][:-3]) * _SIZES[found[1]]


def write_size(size_bytes: int) -> str:
    """``1024**3`` -> ``"1GiB"``."""
    unit = "GiB" if size_bytes % _SIZES["GiB"] == 0 else "MiB"
    return f"{size_bytes // _SIZES[unit]}{unit}"


Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(write_size, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _SIZE, "examples": ["512MiB", "2GiB"]}),
]
