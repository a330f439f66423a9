"""How far usage has arrived: no charge that is dated ahead, and no single misdated row, moves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.completeness import Completeness, PartReach, UsageDay, arrived, end_of, reach

FIRST = date(2026, 3, 1)
DAY = timedelta(days=1)


def usage(*rows: int, first: date = FIRST) -> dict[date, UsageDay]:
    """Days in a row; 0 rows: no such day."""
    days = {first + place * DAY: count for place, count in enumerate(rows) if count}
    return {day: UsageDay(count, end_of(day)) for day, count in days.items()}


def at(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ((), None),
        ((1,), 1),
        ((1, 1), 2),
        ((100,) * 10, 10),
        ((100,) * 10 + (0,) * 5 + (1,), 10),
        ((100,) * 10 + (0,) * 5 + (4,), 10),
        ((100,) * 10 + (5,), 11),
        ((2,) * 10 + (0,) * 5 + (1,), 10),
        ((1,) * 10 + (0,) * 5 + (1,), 10),
        ((1,) * 10 + (0, 1), 12),
        ((1, 0, 0, 0, 0, 0, 0) * 4 + (1,), 29),
        ((100,) * 9 + (1, 1, 1), 9),
        ((1, 100, 100, 100), 4),
    ],
)
def test_a_day_has_arrived_with_a_usual_number_of_rows(rows: tuple[int, ...], last: int | None) -> None:
    assert arrived(usage(*rows)) == (None if last is None else date(2026, 3, last))


@given(
    usual=st.lists(st.integers(min_value=2, max_value=500), min_size=5, max_size=30), ahead=st.integers(1, 60)
)  # fmt: skip
def test_no_single_misdated_row_moves_the_end(usual: list[int], ahead: int) -> None:
    days = usage(*usual)
    before = arrived(days)
    assert before is not None
    astray = max(days) + ahead * DAY
    assert arrived({**days, astray: UsageDay(1, end_of(astray))}) == before


def test_charges_count_only_where_there_is_no_usage() -> None:
    fee = Completeness(charges_through=at(28))
    assert reach([fee]).through == at(28)
    assert reach([fee, Completeness(usage(10, 10))]).through == at(3)
    assert reach([]).through is None


def test_a_misdated_row_in_a_month_of_its_own_moves_nothing() -> None:
    march = Completeness(usage(*[50] * 20))
    april = Completeness(usage(1, first=date(2026, 4, 7)), charges_through=datetime(2026, 4, 8, tzinfo=UTC))
    assert reach([march, april]).through == at(21)


def parts(**of: tuple[int, int]) -> Mapping[str, PartReach]:
    return {f"account {name}": PartReach(at(day), pause) for name, (day, pause) in of.items()}


@pytest.mark.parametrize(
    ("found", "through", "late"),
    [
        (parts(a=(21, 1), b=(10, 1)), 10, ["account b"]),
        (parts(a=(21, 1), b=(20, 1)), 21, []),
        (parts(a=(21, 1), b=(18, 3)), 21, []),
        (parts(a=(21, 1), b=(17, 3)), 17, ["account b"]),
        (parts(a=(21, 1), b=(6, 1)), 21, []),
        (parts(a=(12, 1), b=(10, 1)), 10, ["account a", "account b"]),
    ],
    ids=["late", "a day is usual", "a weekend is usual", "longer than ever", "ended", "two"],
)
def test_what_falls_behind_holds_the_source_up(found: Mapping[str, PartReach], through: int, late: list[str]) -> None:
    told = reach([Completeness(usage(*[50] * 20), parts=found)])
    assert (told.through, list(told.late)) == (at(through), late)


def test_a_part_is_late_across_months() -> None:
    march = Completeness(usage(*[50] * 31), parts=parts(a=(31, 1), b=(25, 1)))
    april = Completeness(usage(50, 50, first=date(2026, 4, 1)), parts={"account a": PartReach(at(31) + 3 * DAY, 1)})
    assert reach([march, april]) == reach([april, march])
    assert reach([march, april]).late == {"account b": at(25)}
