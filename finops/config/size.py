"""Sizes of memory as people write them: ``512MiB``, ``2GiB``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from finops.errors import InvalidValue

_UNITS = {"MiB": 1024**2, "GiB": 1024**3}
_PATTERN = r"^[1-9][0-9]{0,5}(MiB|GiB)$"


def parse_size(text: object) -> int:
    """``"1GiB"`` -> bytes. Raises ``InvalidValue``."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    found = re.fullmatch(_PATTERN, text) if isinstance(text, str) else None
    if found is None:
        raise InvalidValue(f"'{text}' is not a valid size", "Write a whole number and MiB or GiB, like '1GiB'")
    return int(found[0][:-3]) * _UNITS[found[1]]


def write_size(size_bytes: int) -> str:
    """``1024**3`` -> ``"1GiB"``."""
    unit = "GiB" if size_bytes % _UNITS["GiB"] == 0 else "MiB"
    return f"{size_bytes // _UNITS[unit]}{unit}"


Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(write_size, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["512MiB", "2GiB"]}),
]
