"""``2026-03-01..2026-03-19``: the days of a row, both ends included; ``100..150``: a number that rises over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext

from finops.errors import InvalidValue
from finops.model.money import EXACT, quantise

LONGEST = timedelta(days=3660)
"""Ten years: more days than this are a typing error."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_DAYS = re.compile(rf"(?P<first>{_DAY})(?:\s*\.\.\s*(?P<last>{_DAY}))?")
_NUMBER = r"[+-]?\d[\d_]*(?:\.\d+)?"
_NUMBERS = re.compile(rf"(?P<first>{_NUMBER})(?:\s*\.\.\s*(?P<last>{_NUMBER}))?")


def parse_days(text: str) -> list[date]:
    """A day, or every day of a range. Raises ``InvalidValue``."""
    match = _DAYS.fullmatch(text)
    if match is None:
        raise InvalidValue(
            f"'{text}' is neither a date nor a range of dates", "Write 2026-03-01 or 2026-03-01..2026-03-19"
        )
    first = _day(match["first"])
    last = _day(match["last"]) if match["last"] else first
    if last < first:
        raise InvalidValue(f"the range ends on {last} before it starts on {first}", "Write the earlier day first")
    if last - first > LONGEST:
        raise InvalidValue(f"the range is {(last - first).days:,} days long", "Check the years")
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def parse_numbers(text: str, days: int) -> list[Decimal]:
    """One number for each of ``days`` days: the same, or on a straight line from the first day to the last.

    Half-even at 15 digits. Raises ``InvalidValue``.
    """
    match = _NUMBERS.fullmatch(text)
    if match is None:
        raise InvalidValue(
            f"'{text}' is not a valid number", "Write it like 500 or 12.50, or 100..150 for one that rises"
        )
    first = Decimal(match["first"].replace("_", ""))
    last = Decimal((match["last"] or match["first"]).replace("_", ""))
    return line(first, last, days)


def line(first: Decimal, last: Decimal, days: int) -> list[Decimal]:
    """``days`` numbers from ``first`` to ``last``, equally far from one another."""
    with localcontext(EXACT):
        return [quantise(first + (last - first) * index / max(1, days - 1)) for index in range(days)]


def said_of(days: Sequence[date]) -> str:
    """The days of a range as it is written."""
    return str(days[0]) if len(days) == 1 else f"{days[0]}..{days[-1]}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"'{text}' is not a valid date", "Write a date that exists") from None
