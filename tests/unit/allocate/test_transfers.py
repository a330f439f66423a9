"""Whatever the rules and the bills: nothing is lost, nothing is made, and what nobody knows stays where it was."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.allocate import AllocatedView, Rules, allocate
from finops.evaluate.cases.allocation import unknown_shares
from finops.focus.schema import condition_columns
from finops.lake import InMemoryLakeView
from finops.lake.tables.columns import DEMAND_SCHEMA
from finops.model.allocation import Allocation, By, BySeries, BySpend, ByWeights
from finops.model.money import EXACT
from finops.model.period import Period
from finops.model.rates import Rates
from finops.ports.allocated import Allocated
from finops.ports.lake import COSTS
from finops.ports.lake_faults import LakeFaults

DAY = date(2026, 10, 5)
TEAMS = ("checkout", "platform", "search", "security")
COLUMNS = condition_columns().with_dimensions(("team", "tier"))
AMOUNT = pl.Decimal(38, 15)


def view(
    rows: Sequence[dict[str, Any]], demand: Sequence[tuple[str, date, str, dict[str, str]]] = ()
) -> InMemoryLakeView:
    """``rows``: day, team, tier, EffectiveCost and what else differs."""
    plain = {"source": "aws", "BillingCurrency": "EUR", "day": DAY, "team": None, "tier": None, "ServiceName": "RDS"}
    whole = [{**plain, **row} for row in rows]
    columns = {
        name: [row.get(name, Decimal(0) if name in COSTS else None) for row in whole] for name in {*plain, *COSTS}
    }
    types: dict[str, Any] = {**dict.fromkeys(plain, pl.String), "day": pl.Date, **dict.fromkeys(COSTS, AMOUNT)}
    series = [(name, day, Decimal(value), "", json.dumps(own)) for name, day, value, own in demand]
    frame = pl.DataFrame(series, schema=DEMAND_SCHEMA, orient="row")
    return InMemoryLakeView(pl.DataFrame(columns, schema=types), ("team", "tier"), demand_rows=frame)


def cost(team: str | None, amount: str, **others: Any) -> dict[str, Any]:
    return {"team": team, "EffectiveCost": Decimal(amount), "BilledCost": Decimal(amount), **others}


def shared(by: By, scope: str = "team = 'platform'", name: str = "shared", to: str = "team") -> Allocation:
    return Allocation(name, scope, to, by)


def weights(**of: int | str) -> ByWeights:
    return ByWeights({name: Decimal(weight) for name, weight in of.items()})


def by_team(lake: InMemoryLakeView, *rules: Allocation, rates: Rates | None = None) -> dict[str | None, Decimal]:
    made = Rules(rules, COLUMNS, "EUR", lambda: rates or Rates("", {}))
    seen = AllocatedView(lake, made)
    found = seen.costs_daily().join(seen.scopes(), on="scope_id").group_by("team").agg(pl.col("EffectiveCost").sum())
    return {team: amount for team, amount in sorted(found.collect().iter_rows(), key=str) if amount}


def run(lake: InMemoryLakeView, *rules: Allocation) -> Allocated:
    return allocate(Rules(rules, COLUMNS, "EUR"), lake)


def test_a_source_that_is_left_out_makes_what_it_decides_unknown() -> None:
    bill = [cost("platform", "100"), cost("checkout", "7", source="azure"), cost("search", "1")]
    faulty = replace(view(bill), faults=LakeFaults(costs_daily={"azure": "its file is lost"}))
    # its own rows are not shared out, and weights do not depend on them
    assert run(faulty, shared(weights(checkout=40, search=60))).doubts == {}
    # nobody knows what it would have moved
    moved = run(faulty, shared(weights(search=1), scope="team = 'checkout'"))
    assert moved.doubts == {"shared": "azure: its file is lost"}
    assert (
        unknown_shares(moved, Period(DAY, DAY + timedelta(days=1)), DAY) == "allocation shared: azure: its file is lost"
    )
    # nor in which proportions spend would have been followed
    followed = run(faulty, shared(BySpend("team <> 'platform'")))
    assert followed.transfers.is_empty()
    assert followed.gaps["reason"].to_list() == ["the spend to follow is unknown: azure: its file is lost"]
    assert run(faulty, shared(BySpend("source = 'aws'"))).gaps.is_empty()


def test_weights_divide_a_shared_cost() -> None:
    lake = view([cost("platform", "100"), cost("checkout", "7")])
    assert by_team(lake, shared(weights(checkout=40, search=60))) == {"checkout": Decimal(47), "search": Decimal(60)}


def test_the_largest_share_gets_what_rounding_left() -> None:
    lake = view([cost("platform", "0.000000000000010")])
    found = by_team(lake, shared(weights(checkout=1, search=1, security=1)))
    assert found == {
        "checkout": Decimal("0.000000000000004"),
        "search": Decimal("0.000000000000003"),
        "security": Decimal("0.000000000000003"),
    }
    assert by_team(lake, shared(weights(checkout=1, search=4, security=2)))["search"] == Decimal("0.000000000000007")


def test_a_credit_is_divided_as_the_charge_was() -> None:
    lake = view([cost("platform", "-0.01")])
    found = by_team(lake, shared(weights(checkout=1, search=2)))
    assert found == {"checkout": Decimal("-0.003333333333333"), "search": Decimal("-0.006666666666667")}


def test_rules_are_chained_in_their_order() -> None:
    lake = view([cost("security", "30"), cost("platform", "70")])
    first = shared(weights(platform=1), "team = 'security'", "security")
    second = shared(weights(checkout=1, search=3), name="platform")
    assert by_team(lake, first, second) == {"checkout": Decimal(25), "search": Decimal(75)}
    moved = run(lake, first, second).transfers
    assert sorted(moved["allocation"].unique()) == ["platform", "security"]


def test_spend_is_followed_day_by_day() -> None:
    tomorrow = DAY + timedelta(days=1)
    lake = view(
        [
            cost("platform", "10"),
            cost("checkout", "3"),
            cost("search", "1"),
            cost("platform", "10", day=tomorrow),
            cost("search", "8", day=tomorrow),
        ]
    )
    assert by_team(lake, shared(BySpend())) == {"checkout": Decimal("10.5"), "search": Decimal("21.5")}


def test_spend_in_two_currencies_is_compared_at_the_rate_of_the_day() -> None:
    dollars = {"BillingCurrency": "USD"}
    lake = view([cost("platform", "10"), cost("checkout", "3"), cost("search", "2", **dollars)])
    rates = Rates("EUR", {"USD": {DAY: Decimal(2)}})
    found = by_team(lake, shared(BySpend()), rates=rates)
    assert found == {"checkout": Decimal("10.5"), "search": Decimal("4.5")}
    left = run(lake, shared(BySpend())).gaps
    assert left["reason"].to_list() == [f"no exchange rate from USD to EUR for {DAY}"]


def test_a_demand_series_is_followed_by_its_dimension() -> None:
    lake = view(
        [cost("platform", "12")],
        [("cpu", DAY, "1.5", {"team": "checkout"}), ("cpu", DAY, "4.5", {"team": "search"})],
    )
    assert by_team(lake, shared(BySeries("cpu", "team"))) == {"checkout": Decimal(3), "search": Decimal(9)}


def test_namespaces_are_given_to_their_teams_and_what_nobody_owns_stays() -> None:
    lake = view(
        [cost("platform", "10")],
        [
            ("k8s", DAY, "6", {"namespace": "pay"}),
            ("k8s", DAY, "2", {"namespace": "find"}),
            ("k8s", DAY, "2", {"namespace": "new"}),
        ],
    )
    rule = shared(BySeries("k8s", "namespace", {"pay": "checkout", "find": "search"}))
    assert by_team(lake, rule) == {"checkout": Decimal(6), "platform": Decimal(2), "search": Decimal(2)}
    gap = run(lake, rule).gaps.row(0, named=True)
    assert gap["EffectiveCost"] == Decimal(2)
    assert gap["reason"] == "nobody is known to own namespace 'new' of the demand series k8s"


def test_who_distributes_gets_no_share_of_its_own_cost_back() -> None:
    lake = view([cost("platform", "10")], [("cpu", DAY, "5", {"team": team}) for team in ("platform", "search")])
    assert by_team(lake, shared(BySeries("cpu", "team"))) == {"search": Decimal(10)}


@pytest.mark.parametrize(
    ("by", "demand", "reason"),
    [
        (BySeries("cpu", "team"), [], "the demand series cpu has no data"),
        (BySeries("cpu", "team"), [("cpu", DAY, "5", {})], "the demand series cpu has no dimension team"),
        (
            BySeries("cpu", "team"),
            [("cpu", DAY - timedelta(days=1), "5", {"team": "search"})],
            f"the demand series cpu has no value for {DAY}",
        ),
        (BySeries("cpu", "team"), [("cpu", DAY, "0", {"team": "search"})], f"all weights are zero on {DAY}"),
        (
            BySeries("cpu", "team"),
            [("cpu", DAY, "-1", {"team": "search"})],
            f"the weight of search is negative on {DAY}",
        ),
        (BySpend("team = 'nobody'"), [], f"there is no spend to follow on {DAY}"),
    ],
)
def test_an_unknown_share_leaves_the_cost_where_it_was_and_says_why(by: By, demand: list[Any], reason: str) -> None:
    lake = view([cost("platform", "100")], demand)
    assert by_team(lake, shared(by)) == {"platform": Decimal(100)}
    found = run(lake, shared(by))
    assert found.transfers.is_empty()
    assert found.gaps.row(0, named=True) == {
        "allocation": "shared",
        "day": DAY,
        "currency": "EUR",
        "EffectiveCost": Decimal(100),
        "reason": reason,
    }


def test_a_transfer_names_rule_origin_and_target() -> None:
    found = run(view([cost("platform", "8")]), shared(weights(search=1, checkout=3))).transfers
    named = found.select("allocation", "from", "to", "EffectiveCost", "rows").sort("EffectiveCost").rows()
    assert named == [
        ("shared", "platform", None, Decimal(-8), 0),
        ("shared", "platform", "search", Decimal(2), 0),
        ("shared", "platform", "checkout", Decimal(6), 0),
    ]


def test_what_has_no_value_yet_can_be_allocated() -> None:
    lake = view([cost(None, "9", ServiceName="Support"), cost(None, "1")])
    found = by_team(lake, shared(weights(search=1), "ServiceName = 'Support'"))
    assert found == {None: Decimal(1), "search": Decimal(9)}


amounts = st.decimals(
    min_value=Decimal("-1e15"), max_value=Decimal("1e15"), places=15, allow_nan=False, allow_infinity=False
)
bills = st.lists(
    st.fixed_dictionaries(
        {
            "team": st.sampled_from([*TEAMS, None]),
            "tier": st.sampled_from(["shared", None]),
            "day": st.sampled_from([DAY, DAY + timedelta(days=1)]),
            "BillingCurrency": st.sampled_from(["EUR", "USD"]),
            **dict.fromkeys(COSTS, amounts),
        }
    ),
    max_size=8,
)
weightings = st.dictionaries(
    st.sampled_from(TEAMS), st.decimals(0, 10**9, places=9, allow_nan=False), min_size=1
).filter(lambda of: any(of.values()))
drivers = st.one_of(
    st.builds(ByWeights, weightings),
    st.builds(BySpend, st.sampled_from([None, "tier = 'shared'", "team <> 'platform'"])),
    st.builds(
        BySeries, st.sampled_from(["cpu", "none"]), st.just("team"), st.sampled_from([{}, {"search": "checkout"}])
    ),
)
scopes = st.sampled_from([None, "team = 'platform'", "team = 'security'", "tier = 'shared'", "team IS NULL"])
rulebooks = st.lists(st.tuples(scopes, st.sampled_from(["team", "tier"]), drivers), max_size=4)
demands = st.lists(
    st.tuples(st.sampled_from([DAY, DAY + timedelta(days=1)]), st.integers(-1, 10**12), st.sampled_from(TEAMS)),
    max_size=5,
)


@settings(max_examples=60)
@given(bills, rulebooks, demands)
def test_all_allocated_costs_add_up_to_the_bill(
    bill: list[dict[str, Any]], book: list[tuple[str | None, str, By]], demand: list[tuple[date, int, str]]
) -> None:
    lake = view(bill, [("cpu", day, str(value), {"team": team}) for day, value, team in demand])
    rules = Rules([Allocation(f"rule {n}", scope, to, by) for n, (scope, to, by) in enumerate(book)], COLUMNS, "EUR")
    seen = AllocatedView(lake, rules)
    keys = ("source", "billing_period", "day", "currency")
    assert _sums(seen.costs_daily(), keys) == _sums(lake.costs_daily(), keys)
    found = seen.moved()
    assert _sums(found.transfers.lazy(), ("allocation", *keys)) == {}
    # every scope that is named exists, once
    ids = seen.scopes().collect()["scope_id"]
    assert ids.n_unique() == ids.len()
    assert set(found.transfers["scope_id"]) <= set(ids)
    # what a target gets lies between nothing and all of it, of the same sign
    for given_rows in found.transfers.filter(pl.col("to").is_not_null()).partition_by("allocation", "from", *keys):
        taken = found.transfers.filter(pl.col("to").is_null()).join(
            given_rows.select("allocation", "from", *keys).unique(), on=("allocation", "from", *keys), nulls_equal=True
        )
        for name in COSTS:
            with localcontext(EXACT):
                assert sum(given_rows[name]) == -sum(taken[name])
    assert allocate(rules, lake).transfers.equals(found.transfers)


def _sums(cells: pl.LazyFrame, keys: Sequence[str]) -> dict[tuple[Any, ...], tuple[Decimal, ...]]:
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(COSTS))
    with localcontext(EXACT):
        for row in cells.select(*keys, *COSTS).collect().iter_rows():
            own = sums[row[: len(keys)]]
            for place, amount in enumerate(row[len(keys) :]):
                own[place] += amount
    return {key: tuple(of) for key, of in sums.items() if any(of)}
