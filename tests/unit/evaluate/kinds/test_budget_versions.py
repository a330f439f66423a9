"""A budget's versions, and what carries forward from one period to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.errors import Malformed
from finops.model.finding import Finding
from tests.support.lake_view import FakeView, budget, days, only, standing

REVISED = """
period: month
amount: {2026-01: 100 EUR, 2026-02: 100 EUR, 2026-03: 100 EUR, 2026-04: 100 EUR}
revisions:
  - {from: 2026-03, by: cfo, reason: second data centre, amount: {2026-03: 150 EUR, 2026-04: 160 EUR}}
  - {from: 2026-04, by: cfo, reason: less of it, amount: {2026-04: 140 EUR}}
alerts: [{when: spent > 100%, severity: critical}]
"""


def at(spec: str, day: date, spent: dict[date, int], **keys: str) -> Finding:
    """The verdict at noon of ``day``, to which data reach; ``spent``: by day."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    rows = [row for on, cost in spent.items() for row in days(on, on, cost, team="checkout")]
    for key, value in keys.items():
        spec = f"{key}: {value}\n{spec}"
    return only(budget(spec), FakeView(rows), as_of=moment, freshness=[standing(through=moment, delivered=moment)])


@pytest.mark.parametrize(("month", "limit"), [(2, 100), (3, 150), (4, 140)])
def test_a_revision_holds_from_its_month_on_and_the_last_one_wins(month: int, limit: int) -> None:
    day = date(2026, month, 20)
    assert at(REVISED, day, {day - timedelta(days=1): 1}).amount["limit"].amount == limit


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("by: cfo, reason: second data centre, ", "by: cfo, ", "reason"),
        ("2026-03: 150 EUR", "2026-02: 150 EUR", "the revision from 2026-03 has an amount for 2026-02"),
        ("from: 2026-03", "from: 2026-05", "the revision from 2026-05 has an amount for"),
        ("{2026-04: 140 EUR}", "{2026-04: 140 USD}", "one budget has amounts in two currencies"),
        ("{2026-04: 140 EUR}", "{2026-04: -1 EUR}", "the budget -1 EUR is negative"),
        (
            "amount: {2026-01: 100 EUR, 2026-02: 100 EUR, 2026-03: 100 EUR, 2026-04: 100 EUR}",
            "amount: 9 EUR",
            "by month",
        ),
        ("period: month", "period: month\nrollover: unspend", "unknown value 'unspend'"),
        ("period: month", "period: year\nrollover: unspent", "from month to month"),
    ],
)
def test_what_is_no_version_is_told(old: str, new: str, message: str) -> None:
    assert old in REVISED
    with pytest.raises(Malformed, match=message):
        budget(REVISED.replace(old, new, 1))


@settings(max_examples=20, deadline=None)
@given(
    spent=st.lists(st.integers(0, 300), min_size=3, max_size=3),
    rollover=st.sampled_from(["unspent", "balance", "none"]),
)
def test_what_is_left_of_settled_months_carries_forward(spent: list[int], rollover: str) -> None:
    """The rule as a person would work it out, month by month."""
    costs = {date(2025, 12, 31): 1, **{date(2026, month, 5): cost for month, cost in enumerate(spent, start=1)}}
    finding = at(REVISED, date(2026, 4, 20), costs, rollover=rollover)

    carried = 0
    for cost, amount in zip(spent, (100, 100, 150), strict=True):
        carried += amount - cost
        carried = max(carried, 0) if rollover == "unspent" else carried
    carried = 0 if rollover == "none" else max(carried, -140)
    assert finding.amount["limit"].amount == 140 + carried
    assert finding.amount.get("carried_forward", finding.amount["limit"]).amount == (
        carried if rollover != "none" else 140
    )


def test_a_month_carries_forward_once_it_has_settled_and_costs_of_it_are_whole() -> None:
    costs = {date(2025, 12, 31): 1, date(2026, 1, 5): 60, date(2026, 2, 5): 70}
    assert at(REVISED, date(2026, 3, 2), costs, rollover="unspent").amount["carried_forward"].amount == 40
    assert at(REVISED, date(2026, 3, 4), costs, rollover="unspent").amount["carried_forward"].amount == 70
    # bills that begin within January do not say what was left of it
    begun = {day: cost for day, cost in costs.items() if day.year == 2026}
    assert at(REVISED, date(2026, 3, 4), begun, rollover="unspent").amount["carried_forward"].amount == 30
    assert at(REVISED, date(2026, 3, 4), begun, rollover="unspent").amount["due"].amount == Decimal("5.806451612903226")
