"""Whose public holidays there are, and which of them fall on working days."""

from __future__ import annotations

from datetime import date

from finops.model.calendar import NO_CALENDAR, Calendar, countries, subdivisions


def test_a_region_has_holidays_that_its_country_has_not() -> None:
    corpus_christi = date(2026, 6, 4)
    assert corpus_christi in Calendar("DE", "BY").around(date(2026, 11, 30))
    assert corpus_christi not in Calendar("DE").around(date(2026, 11, 30))


def test_holidays_at_a_weekend_are_none_by_the_countrys_own_weekend() -> None:
    in_germany, in_saudi_arabia = (Calendar(code).around(date(2026, 11, 30)) for code in ("DE", "SA"))
    assert date(2026, 12, 25) in in_germany  # a Friday
    assert date(2026, 12, 26) not in in_germany
    assert all(day.weekday() < 5 for day in in_germany)
    assert {day.weekday() for day in in_saudi_arabia} <= {0, 1, 2, 3, 6}
    assert any(day.weekday() == 6 for day in in_saudi_arabia)


def test_the_years_around_today_are_known() -> None:
    days = Calendar("DE").around(date(2026, 1, 1))
    assert date(2023, 5, 1) in days
    assert date(2028, 5, 1) in days
    assert NO_CALENDAR.around(date(2026, 1, 1)) == frozenset()


def test_codes_are_listed() -> None:
    assert {"DE", "AT", "US", "SG"} <= set(countries())
    assert "BY" in subdivisions("DE")
    assert list(subdivisions("DK")) == []
