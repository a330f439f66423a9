"""Sums of costs: exact whatever they are grouped by, in every interval, from the rollup as from single rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.allocate import Rules
from finops.app.costs import CostQuery, CostSums, sum_costs
from finops.app.costs.report import Summed, rows_of, totals_of, whole_of
from finops.conditions import parse
from finops.errors import BadArguments
from finops.focus.schema import condition_columns
from finops.lake.read.in_memory import InMemoryLakeView
from finops.model.allocation import Allocation, ByWeights
from finops.model.cost_question import Compare, Every, compared_period, spans
from finops.model.money import CONVERTED
from finops.model.period import Period
from finops.model.rates import Rates

COLUMNS = condition_columns().with_dimensions(("team",))
JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
RATES = Rates("EUR", {"USD": {date(2025, 11, 1) + timedelta(days=7 * at): Decimal("1.0837") + at for at in range(30)}})
BY = ("team", "ServiceName", "source", "ResourceId", "tags['env']")

_NAMES = st.sampled_from([None, "", "a", "b", "ü"])
_AMOUNTS = st.decimals(-(10**9), 10**9, places=15)
_LINES = st.fixed_dictionaries(
    {
        "day": st.dates(date(2025, 12, 1), date(2026, 3, 31)),
        "source": st.sampled_from(["aws", "azure"]),
        "BillingCurrency": st.sampled_from(["EUR", "USD"]),
        "EffectiveCost": _AMOUNTS,
        "BilledCost": _AMOUNTS,
        "team": _NAMES,
        "ServiceName": _NAMES,
        "ResourceId": _NAMES,
        "Tags": st.sampled_from([None, "{}", '{"env": "prod"}', '{"env": "test"}']),
    }
)
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    **dict.fromkeys(("source", "BillingCurrency", "team", "ServiceName", "ResourceId", "Tags"), pl.String),
    **dict.fromkeys(("EffectiveCost", "BilledCost", "ListCost", "ContractedCost"), pl.Decimal(38, 15)),
}


def lake(lines: Sequence[dict[str, object]]) -> InMemoryLakeView:
    return InMemoryLakeView(pl.DataFrame(lines, schema=_SCHEMA), ("team",))


def line(day: str, amount: str, **others: object) -> dict[str, object]:
    known = {"source": "aws", "BillingCurrency": "EUR", "BilledCost": Decimal(1)}
    return {**known, "day": date.fromisoformat(day), "EffectiveCost": Decimal(amount), **others}


def total(found: CostSums, cost: int = 0) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in found.sums:
        amount = one.amounts[cost]
        assert amount is not None
        sums[one.currency] = CONVERTED.add(sums.get(one.currency, Decimal(0)), amount)
    return sums


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_LINES, max_size=20),
    st.lists(st.sampled_from(BY), max_size=2, unique=True),
    st.sampled_from(Every),
    st.dates(date(2025, 12, 1), date(2026, 3, 1)),
    st.integers(1, 80),
    st.integers(1, 12),
    st.sampled_from(["", "EUR"]),
)
def test_groups_and_intervals_add_up_to_the_whole_to_the_last_digit(
    lines: list[dict[str, object]], by: list[str], every: Every, start: date, days: int, fiscal: int, currency: str
) -> None:
    view, period = lake(lines), Period(start, start + timedelta(days=days))
    costs = ("EffectiveCost", "BilledCost")
    grouped = sum_costs(view, CostQuery(period, tuple(by), costs, None, None, every, fiscal, currency), COLUMNS, RATES)
    for place, cost in enumerate(costs):
        expected: dict[str, Decimal] = {}
        for one in lines:
            day, own, amount = one["day"], one["BillingCurrency"], one[cost]
            assert isinstance(day, date)
            assert isinstance(own, str)
            assert isinstance(amount, Decimal)
            if day in period:
                money = CONVERTED.multiply(amount, RATES.factor(day, own, currency or own))
                expected[currency or own] = CONVERTED.add(expected.get(currency or own, Decimal(0)), money)
        assert total(grouped, place) == expected
    parts = spans(period, every, fiscal_year_starts=fiscal)
    assert [one for part in parts for one in part] == list(period)
    for found in grouped.sums:
        alone = Period(parts[found.span].start, parts[found.span].end)
        again = sum_costs(view, CostQuery(alone, tuple(by), costs, every=Every.ALL, currency=currency), COLUMNS, RATES)
        assert found.amounts in [other.amounts for other in again.sums if other.group == found.group]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(_LINES, max_size=20),
    st.sampled_from(BY),
    st.sampled_from(Every),
    st.sampled_from(Compare),
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    st.integers(1, 40),
)
def test_what_is_compared_is_what_the_compared_period_says_when_it_is_asked(
    lines: list[dict[str, object]], by: str, every: Every, compare: Compare, start: date, days: int
) -> None:
    view, period = lake(lines), Period(start, start + timedelta(days=days))
    query = CostQuery(period, (by,), every=every)
    earlier = CostQuery(compared_period(period, compare), (by,), every=every)
    now, then = (Summed(one, sum_costs(view, one, COLUMNS)) for one in (query, earlier))
    rows = rows_of(now, then, None)
    compared = {
        (row.compared_span, row.group, row.currency): row.compared
        for row in rows
        if row.compared is not None and row.compared_span is not None
    }
    asked = {(earlier.spans[one.span], one.group, one.currency): one.amounts for one in then.sums.sums}
    assert asked.items() <= compared.items()
    assert not any(amount for key, amounts in compared.items() if key not in asked for amount in amounts)
    assert [row.amounts for row in rows_of(now, None, None)] == [one.amounts for one in now.sums.sums]
    totals = {(one.group, one.currency): one.compared for one in totals_of(now, then)}
    for (group, currency), amounts in totals.items():
        of_group = [
            one.amounts[0] or Decimal(0) for one in then.sums.sums if (one.group, one.currency) == (group, currency)
        ]
        assert amounts == (sum(of_group, Decimal(0)),)
    assert {one.currency: one.compared for one in whole_of(now, then) if one.compared != (Decimal(0),)} == {
        currency: (amount,) for currency, amount in total(then.sums).items() if amount
    }


@pytest.mark.parametrize(
    ("period", "compare", "expected"),
    [
        ("2026-03-01 2026-04-01", Compare.PREVIOUS, "2026-02-01 2026-03-01"),
        ("2026-03-01 2026-03-15", Compare.PREVIOUS, "2026-02-15 2026-03-01"),
        ("2026-01-01 2026-04-01", Compare.PREVIOUS, "2025-10-01 2026-01-01"),
        ("2026-03-01 2026-03-15", Compare.MONTH, "2026-02-01 2026-02-15"),
        ("2026-03-01 2026-03-31", Compare.MONTH, "2026-02-01 2026-03-01"),
        ("2026-03-01 2026-04-01", Compare.MONTH, "2026-02-01 2026-03-01"),
        ("2024-02-01 2024-03-01", Compare.YEAR, "2023-02-01 2023-03-01"),
        ("2024-02-29 2024-03-02", Compare.YEAR, "2023-02-28 2023-03-02"),
    ],
)
def test_the_period_that_is_compared_with(period: str, compare: Compare, expected: str) -> None:
    found = compared_period(Period(*map(date.fromisoformat, period.split())), compare)
    assert f"{found.start} {found.end}" == expected


def test_a_cost_that_some_row_does_not_know_is_unknown() -> None:
    view = lake([line("2026-01-05", "1", ListCost=Decimal(2), team="a"), line("2026-01-06", "1", team="b")])
    found = sum_costs(view, CostQuery(JANUARY, ("team",), ("ListCost",), every=Every.ALL), COLUMNS)
    assert [(one.group, one.amounts) for one in found.sums] == [(("a",), (Decimal(2),)), (("b",), (None,))]


def test_a_missing_rate_makes_the_amount_unknown_and_names_the_day() -> None:
    view = lake([line("2026-01-05", "1", BillingCurrency="JPY", team="a"), line("2026-01-06", "1", team="b")])
    found = sum_costs(view, CostQuery(JANUARY, ("team",), every=Every.ALL, currency="EUR"), COLUMNS, RATES)
    assert [(one.group, one.currency, one.amounts) for one in found.sums] == [
        (("a",), "EUR", (None,)),
        (("b",), "EUR", (Decimal(1),)),
    ]
    assert found.unconverted == {"JPY": date(2026, 1, 5)}


def test_a_single_day_without_a_rate_makes_its_sum_unknown() -> None:
    days = [line(f"2026-01-{day:02}", "1", BillingCurrency="JPY") for day in (5, 6, 7)]
    rates = Rates("EUR", {"JPY": {date(2025, 12, 28): Decimal(150)}})
    found = sum_costs(lake(days), CostQuery(JANUARY, currency="EUR"), COLUMNS, rates)
    assert [one.amounts for one in found.sums] == [(None,), (None,), (None,)]
    assert found.unconverted == {"JPY": date(2026, 1, 5)}


def test_amounts_of_any_size_are_exact() -> None:
    huge = "12345678901234567890.123456789012345"
    view = lake([line("2026-01-05", huge, BillingCurrency="USD"), line("2026-01-06", f"-{huge}")])
    [both] = sum_costs(view, CostQuery(JANUARY, every=Every.ALL, currency="EUR"), COLUMNS, RATES).sums
    factor = RATES.factor(date(2026, 1, 5), "USD", "EUR")
    assert both.amounts == (CONVERTED.subtract(CONVERTED.multiply(Decimal(huge), factor), Decimal(huge)),)


def test_what_the_viewer_may_not_see_is_in_no_sum() -> None:
    view = lake([line("2026-01-05", "1", team="a"), line("2026-01-06", "2", team="b")])
    own = parse("team = 'b'", COLUMNS)
    for by in ((), ("ResourceId",)):
        found = sum_costs(view, CostQuery(JANUARY, by, restriction=own, every=Every.ALL), COLUMNS)
        assert total(found) == {"EUR": Decimal(2)}
    both = CostQuery(JANUARY, condition=parse("team = 'a'", COLUMNS), restriction=own)
    assert sum_costs(view, both, COLUMNS).sums == ()


def test_before_the_first_bill_nothing_is_not_zero() -> None:
    view = lake([line("2026-01-05", "1", team="a")])
    query = CostQuery(JANUARY, every=Every.ALL)
    earlier = CostQuery(compared_period(JANUARY, Compare.PREVIOUS), every=Every.ALL)
    then = Summed(earlier, sum_costs(view, earlier, COLUMNS), date(2026, 1, 5))
    [row] = rows_of(Summed(query, sum_costs(view, query, COLUMNS)), then, date(2026, 1, 20))
    assert (row.amounts, row.compared, row.provisional) == ((Decimal(1),), (None,), True)


def test_too_many_sums_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.app.costs.sums.MOST_SUMS", 10)
    with pytest.raises(BadArguments, match="Request fewer columns"):
        sum_costs(lake([line("2026-01-05", "1")]), CostQuery(JANUARY), COLUMNS)


@settings(max_examples=15, deadline=None)
@given(st.lists(_LINES, max_size=12), st.sampled_from([(), ("team",), ("team", "ResourceId")]))
def test_allocated_costs_stand_beside_those_of_the_bill_and_add_up_to_them(
    lines: list[dict[str, object]], by: tuple[str, ...]
) -> None:
    shares = ByWeights({"b": Decimal(2), "c": Decimal(1)})
    rules = Rules((Allocation("shared", "team = 'a'", "team", shares),), COLUMNS)
    view = replace(lake(lines), allocations=rules)
    query = CostQuery(
        Period(date(2025, 12, 1), date(2026, 4, 1)), by, ("AllocatedCost", "EffectiveCost"), every=Every.ALL
    )
    found = sum_costs(view, query, COLUMNS)
    assert {currency: amount for currency, amount in total(found).items() if amount} == {
        currency: amount for currency, amount in total(found, 1).items() if amount
    }
    if by:
        assert not any(one.amounts[0] for one in found.sums if one.group[0] == "a" and by == ("team",))
    alone = sum_costs(view, replace(query, costs=("EffectiveCost",)), COLUMNS)
    both = {(one.span, one.group, one.currency): one.amounts[1] for one in found.sums}
    assert all(both[one.span, one.group, one.currency] == one.amounts[0] for one in alone.sums)
