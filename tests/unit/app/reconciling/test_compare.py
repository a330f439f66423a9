"""Two counts of one month: what differs, how it is judged, and in which order it is shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.app.reconciliation.compare import Judging, compare
from finops.model.reconciliation import Agreement, Comparison, Level
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals

OCTOBER = date(2026, 10, 1)
Row = tuple[int | None, str | None, str, str]


def frame(*rows: Row) -> pl.DataFrame:
    lines = [
        {"day": date(2026, 10, day) if day else None, "service": service, "currency": currency, "amount": Decimal(text)}
        for day, service, text, currency in rows
    ]
    return pl.DataFrame(lines, schema=TOTALS_SCHEMA)


def compared(
    lake: pl.DataFrame,
    other: pl.DataFrame,
    *,
    level: Level = Level.PERIOD,
    tolerance: str = "0.01",
    settled_before: date = date(2026, 11, 20),
    **more: Any,
) -> Comparison:
    judging = Judging(Decimal(tolerance), level, settled_before)
    totals = Totals(other, "BilledCost", "the provider", **more)
    return compare("aws", OCTOBER, lake, totals, against="the provider", judging=judging)


def shown(found: Comparison) -> list[tuple[int | None, str | None, Decimal]]:
    return [(line.day.day if line.day else None, line.service, line.difference) for line in found.lines]


def test_equal_counts_agree_and_show_nothing() -> None:
    rows = frame((1, "EC2", "10.000000000000001", "USD"), (2, "S3", "5", "USD"))
    found = compared(rows, rows)
    assert (found.agreement, found.lines, found.differing) == (Agreement.AGREES, [], (0, 0, 0))
    assert [(t.lake, t.other, t.currency) for t in found.totals] == [
        (Decimal("15.000000000000001"), Decimal("15.000000000000001"), "USD")
    ]


def test_differences_are_shown_by_day_and_service_largest_first() -> None:
    lake = frame((1, "EC2", "10", "USD"), (1, "S3", "1", "USD"), (2, "RDS", "7", "USD"))
    other = frame((1, "EC2", "10.5", "USD"), (1, "S3", "1", "USD"), (3, "Tax", "9", "USD"))
    found = compared(lake, other)
    assert found.agreement is Agreement.DIFFERS
    assert shown(found) == [(3, "Tax", Decimal(-9)), (2, "RDS", Decimal(7)), (1, "EC2", Decimal("-0.5"))]


@pytest.mark.parametrize(
    ("difference", "agreement"), [("0.01", Agreement.AGREES), ("0.010000000000001", Agreement.DIFFERS)]
)
def test_a_cent_is_tolerated_and_not_a_hair_more(difference: str, agreement: Agreement) -> None:
    found = compared(frame((1, "EC2", difference, "USD")), frame((1, "EC2", "0", "USD")))
    assert found.agreement is agreement
    assert shown(found) == [(1, "EC2", Decimal(difference))]


@pytest.mark.parametrize(
    ("level", "agreement"),
    [(Level.PERIOD, Agreement.AGREES), (Level.DAY, Agreement.AGREES), (Level.SERVICE, Agreement.DIFFERS)],
)
def test_a_service_of_another_name_differs_by_service_only(level: Level, agreement: Agreement) -> None:
    found = compared(frame((1, "Amazon EC2", "3", "USD")), frame((1, "EC2 - Other", "3", "USD")), level=level)
    assert (found.agreement, found.differing) == (agreement, (0, 0, 2))


@pytest.mark.parametrize(("level", "agreement"), [(Level.PERIOD, Agreement.AGREES), (Level.DAY, Agreement.DIFFERS)])
def test_a_charge_on_another_day_differs_by_day(level: Level, agreement: Agreement) -> None:
    found = compared(frame((1, "EC2", "3", "USD")), frame((2, "EC2", "3", "USD")), level=level)
    assert (found.agreement, found.differing) == (agreement, (0, 2, 2))


def test_currencies_never_cancel_each_other_out() -> None:
    found = compared(frame((1, "EC2", "3", "USD")), frame((1, "EC2", "3", "EUR")))
    assert found.agreement is Agreement.DIFFERS
    assert [(t.currency, t.difference) for t in found.totals] == [("EUR", Decimal(-3)), ("USD", Decimal(3))]


def test_an_invoice_is_compared_whole() -> None:
    lake = frame((1, "EC2", "3", "USD"), (2, None, "4", "USD"))
    found = compared(lake, frame((None, None, "7.02", "USD")))
    assert found.agreement is Agreement.DIFFERS
    assert shown(found) == [(None, None, Decimal("-0.02"))]


def test_a_provider_that_counts_days_only_is_compared_by_day() -> None:
    found = compared(frame((1, "EC2", "3", "USD"), (1, "S3", "4", "USD")), frame((1, None, "7", "USD")))
    assert (found.agreement, found.lines) == (Agreement.AGREES, [])


def test_a_provider_that_counts_nothing_differs_by_all() -> None:
    found = compared(frame((1, "EC2", "3", "USD")), frame())
    assert found.agreement is Agreement.DIFFERS
    assert shown(found) == [(1, "EC2", Decimal(3))]


def test_days_that_are_not_settled_are_shown_and_not_judged() -> None:
    lake, other = frame((1, "EC2", "3", "USD")), frame((1, "EC2", "3", "USD"), (9, "EC2", "5", "USD"))
    found = compared(lake, other, level=Level.SERVICE, settled_before=date(2026, 10, 9))
    assert found.agreement is Agreement.AGREES
    assert [(line.settled, line.difference) for line in found.lines] == [(False, Decimal(-5))]
    assert compared(lake, other, settled_before=date(2026, 10, 10)).agreement is Agreement.DIFFERS


ROWS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["EC2", "S3", None]),
        st.decimals(-1000, 1000, places=15).map(str),
        st.sampled_from(["USD", "EUR"]),
    ),
    max_size=6,
)


@given(ROWS, ROWS)
def test_the_lines_explain_the_whole_difference(lake: list[Row], other: list[Row]) -> None:
    found = compared(frame(*lake), frame(*other))
    for total in found.totals:
        lines = [line.difference for line in found.lines if line.currency == total.currency]
        assert sum(lines, Decimal(0)) == total.difference
    expected = {currency: Decimal(0) for _, _, _, currency in [*lake, *other]}
    for sign, rows in ((1, lake), (-1, other)):
        for _, _, text, currency in rows:
            expected[currency] += sign * Decimal(text)
    assert {total.currency: total.difference for total in found.totals} == expected
