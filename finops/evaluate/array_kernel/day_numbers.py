"""Days as small numbers that keep their order."""

from __future__ import annotations

from datetime import date

EARLIEST, LATEST = date(1970, 1, 1), date(2090, 12, 31)
"""Days outside are no days of a bill: they never count."""

FIRST_YEAR = EARLIEST.year
DAY_BITS = 16
NEVER = 2**DAY_BITS
"""As a ``first``: no day counts."""


def day_number(day: date) -> int:
    """Days in their order, as ``summed`` numbers them; a day before ``EARLIEST`` is 0."""
    return max(0, (day.year - FIRST_YEAR) * 2**9 + day.timetuple().tm_yday)
