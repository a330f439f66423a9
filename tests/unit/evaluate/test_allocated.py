"""``cost: AllocatedCost``: verdicts after shared costs were moved, beside those over what was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finops.allocate import Rules
from finops.errors import Malformed
from finops.evaluate.backtest import judge_days
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.explain import explain
from finops.evaluate.judgement.moment import Moment
from finops.lake import InMemoryLakeView
from finops.model.allocation import Allocation, By, BySeries, ByWeights
from finops.model.finding import State
from finops.ports.lake_faults import LakeFaults
from tests.support.lake_view import (
    AS_OF,
    COLUMNS,
    CURRENT,
    DIMENSIONS,
    VERSION,
    FakeView,
    budget,
    days,
    demand,
    findings,
    only,
    run,
    settings,
)

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 19)
SHARES = ByWeights({"checkout": Decimal(40), "search": Decimal(60)})
ALERTS = "alerts: [{when: spent > 100%, severity: warning}]"
OF_CHECKOUT = f"scope: team = 'checkout'\ncost: AllocatedCost\nperiod: month\namount: 500 EUR\n{ALERTS}"
ROWS = [*days(FIRST, LAST, 100, team="platform"), *days(FIRST, LAST, 1, team="checkout")]


def allocated(*rows: dict[str, object], by: By = SHARES, series: list[object] | None = None) -> InMemoryLakeView:
    rules = Rules((Allocation("platform", "team = 'platform'", "team", by),), COLUMNS, "EUR")
    made = FakeView(list(rows) or ROWS, series or [])  # type: ignore[arg-type] # rows of demand
    return InMemoryLakeView(made.rows, DIMENSIONS, made.demand_rows, version=VERSION, allocations=rules)


def test_a_budget_counts_its_share_of_the_platform() -> None:
    finding = only(budget(OF_CHECKOUT), allocated())
    assert finding.state is State.FIRING
    assert finding.amount["spent"].amount == Decimal(19 + 19 * 40)
    direct = only(budget(OF_CHECKOUT.replace("AllocatedCost", "EffectiveCost")), allocated())
    assert (direct.state, direct.amount["spent"].amount) == (State.OK, Decimal(19))


def test_a_team_with_nothing_but_its_share_is_a_group_of_allocated_costs_alone() -> None:
    grouped = f"group_by: [team]\ncost: COST\nperiod: month\namount: 1 EUR\n{ALERTS}"
    view = allocated()
    asked = [
        *budget(grouped.replace("COST", "EffectiveCost"), name="direct"),
        *budget(grouped.replace("COST", "AllocatedCost"), name="after"),
    ]
    found = {(one.policy, one.group["team"]): one.amount["spent"].amount for one in findings(asked, view)}
    assert found == {
        ("after", "checkout"): Decimal(779),
        ("after", "platform"): Decimal(0),
        ("after", "search"): Decimal(1140),
        ("direct", "checkout"): Decimal(19),
        ("direct", "platform"): Decimal(1900),
    }


def test_an_unknown_share_is_never_ok() -> None:
    series = demand("requests", FIRST, date(2026, 3, 10), 1, team="checkout")
    view = allocated(by=BySeries("requests", "team"), series=list(series))
    spec = OF_CHECKOUT.replace("500 EUR", "99999 EUR")
    finding = only(budget(spec), view)
    assert finding.state is State.UNKNOWN
    assert (
        "allocation platform: the demand series requests has no value for 2026-03-16, and for 5 more days; "
        "its cost stayed where it was" in finding.reason
    )
    # what is known is over the budget already: it fires all the same
    assert only(budget(OF_CHECKOUT), view).state is State.FIRING


def test_a_cache_tells_apart_what_only_the_driver_changed() -> None:
    cache, policies = EvaluationCache(), budget(OF_CHECKOUT)
    first = run(policies, allocated(), cache=cache).findings[0]
    assert run(policies, allocated(), cache=cache).findings[0].to_json() == first.to_json()


def test_a_backtest_counts_the_same_cost() -> None:
    moment = Moment(AS_OF, settings())
    asked = [*budget(OF_CHECKOUT, name="b"), *budget(OF_CHECKOUT.replace("Allocated", "Effective"), name="a")]
    ((first, second),) = judge_days(asked, allocated(), [(moment, [CURRENT])], then=True)
    assert [(name, said.state) for name, _, said in (first, second)] == [("a", State.OK), ("b", State.FIRING)]


def test_explain_traces_what_was_moved_by_which_rule_with_which_share() -> None:
    policies, view = budget(OF_CHECKOUT), allocated()
    finding = only(policies, view)
    said = explain(finding, policies[0], view, freshness=[CURRENT], settings=settings())
    assert said.reproduced
    assert "allocated by platform from platform: 760.00 EUR, share 2/5 for checkout" in said.lines


def test_explain_names_what_was_given_away() -> None:
    policies, view = budget(OF_CHECKOUT.replace("'checkout'", "'platform'")), allocated()
    said = explain(only(policies, view), policies[0], view, freshness=[CURRENT], settings=settings())
    assert "allocated by platform to others: -1900.00 EUR of platform" in said.lines


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            OF_CHECKOUT.replace("team = 'checkout'", "ResourceId = 'i-1'"),
            "5:10: AllocatedCost is not known by ResourceId",
        ),
        (OF_CHECKOUT.replace("team = 'checkout'", "tags['a'] = 'b'"), "5:10: AllocatedCost is not known by tags"),
        (f"group_by: [ResourceId]\n{OF_CHECKOUT}", "5:13: AllocatedCost is not known by ResourceId"),
    ],
)
def test_single_rows_have_no_allocated_cost(spec: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        budget(spec)


def test_metrics_count_allocated_costs_beside_those_of_the_bills() -> None:
    lines = list(run([], allocated(), under=replace(settings(), dimensions=("team",))).costs.lines())
    month = {(one.cost, one.place[-1]): one.month_to_date_amount for one in lines}
    assert {team: amount for (cost, team), amount in month.items() if cost == "allocated" and amount} == {
        "checkout": Decimal(19 + 19 * 40),
        "search": Decimal(19 * 60),
    }
    assert month["effective", "platform"] == Decimal(1900)
    assert month["allocated", "platform"] == 0
    for name in ("day_amount", "month_to_date_amount"):
        sums = {
            cost: sum(getattr(one, name) for one in lines if one.cost == cost) for cost in ("effective", "allocated")
        }
        assert sums["allocated"] == sums["effective"] > 0
    # the latest settled day is one for both
    assert len({one.day for one in lines}) == 1


def test_costs_without_rules_have_no_allocated_metric() -> None:
    view = replace(allocated(), allocations=Rules((), COLUMNS))
    assert {one.cost for one in run([], view).costs.lines()} == {"billed", "effective"}
    faulty = replace(allocated(), faults=LakeFaults(costs_daily={"aws": "its file is lost"}))
    assert {one.cost for one in run([], faulty).costs.lines()} == {"billed", "effective"}
