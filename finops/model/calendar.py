"""Public holidays of a country.

Dates and regions are those of the package ``holidays``, which is imported on use: only a configuration that names a
country needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from holidays import HolidayBase

YEARS_BEFORE, YEARS_AFTER = 3, 2
"""Years around today: longer than any history that is read, and any period that is forecast."""


DaysOff: TypeAlias = frozenset[date]
"""Public holidays that are not at a weekend."""

NO_DAYS_OFF: DaysOff = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """``country``: ISO 3166-1 alpha-2 code, empty for none. ``subdivision``: a state or region of it, or empty."""

    country: str = ""
    subdivision: str = ""

    def around(self, today: date) -> DaysOff:
        """The holidays of the years around ``today``."""
        if not self.country:
            return NO_DAYS_OFF
        return _days_off(self.country, self.subdivision, today.year)


NO_CALENDAR = Calendar()


def countries() -> Sequence[str]:
    """Codes of every country whose holidays are known."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - takes half a second; only a configured calendar needs it

    return sorted(alpha_2 for _, alpha_2, *_ in COUNTRIES.values())


def subdivisions(country: str) -> Sequence[str]:
    """Codes of the parts of a country that have holidays of their own."""
    import holidays  # noqa: PLC0415 - as above

    return sorted(holidays.country_holidays(country).subdivisions)


@lru_cache(maxsize=64)
def _days_off(country: str, subdivision: str, year: int) -> DaysOff:
    import holidays  # noqa: PLC0415 - as above

    years = range(year - YEARS_BEFORE, year + YEARS_AFTER + 1)
    found: HolidayBase = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return frozenset(day for day in found if day.weekday() not in found.weekend)
