"""How many text tokens a unit is: ``Tokens``, ``1000 Tokens``, ``1K tokens``, ``1M Input Tokens``."""

from __future__ import annotations

import re
from functools import lru_cache

_UNIT = re.compile(
    r"(?:per )?(?P<number>\d[\d,]*)?\s*(?P<scale>k|m|thousand|million)?\s*"
    r"(?:(?:text|input|output|cached|reasoning) )*tokens?",
    re.IGNORECASE,
)
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}


@lru_cache(maxsize=1024)
def tokens_of(unit: str) -> int | None:
    """None for what is no unit of text tokens.

    >>> [tokens_of(unit) for unit in ("Tokens", "1000 Tokens", "1K tokens", "Hours", "1M audio tokens")]
    [1, 1000, 1000, None, None]
    """
    found = _UNIT.fullmatch(unit.strip())
    if found is None:
        return None
    number = int(found["number"].replace(",", "")) if found["number"] else 1
    return number * _SCALES.get((found["scale"] or "").lower(), 1)
