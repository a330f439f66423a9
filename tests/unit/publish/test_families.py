"""What an evaluation and the service say as families."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from finops.model.family import Family, FamilyType
from finops.model.finding import Severity, State
from finops.model.money import Money
from finops.model.operations import Operations
from finops.publish.catalogue import OPERATIONAL
from finops.publish.cost_families import label_names
from finops.publish.operational_families import operational_families
from finops.publish.policy_families import policy_families
from finops.publish.snapshot import build_snapshot
from tests.support.profiles import EVALUATED, PROFILES
from tests.support.snapshots import (
    AS_OF,
    RADAR,
    SETTINGS,
    budget,
    cost_line,
    evaluation,
    findings,
    operations,
    snapshot,
)


def values(families: tuple[Family, ...], name: str) -> dict[tuple[str, ...], float]:
    (family,) = (family for family in families if family.name == name)
    return dict(family.samples)


def labelled(families: tuple[Family, ...], name: str, **wanted: str) -> list[float]:
    (family,) = (family for family in families if family.name == name)
    rows = [(dict(zip(family.labels, sample.values, strict=True)), sample.value) for sample in family.samples]
    return [value for labels, value in rows if wanted.items() <= labels.items()]


def test_every_family_of_the_catalogue_is_there_and_no_other() -> None:
    made = snapshot(radar=RADAR)
    names = [family.name for family in (*made.families, *operational_families(operations(), made))]
    assert names == [family.name for family in (*EVALUATED, *OPERATIONAL)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("family", [*EVALUATED, *OPERATIONAL], ids=lambda family: family.name)
def test_names_and_labels_keep_the_conventions(family: Family) -> None:
    assert re.fullmatch(r"finops_[a-z0-9_]+", family.name)
    assert (family.type is FamilyType.COUNTER) == family.name.endswith("_total")
    assert not {"day", "date", "month", "period"} & set(family.labels), "no label holds a date"
    assert family.help.endswith(".")
    if "_amount" in family.name:
        assert "currency" in family.labels
        assert "currency" in family.help
    if "_seconds" in family.name:
        assert "seconds" in family.help


def test_costs_keep_their_own_currency_and_kind() -> None:
    families = snapshot().families
    effective = {"cost": "effective", "currency": "EUR", "service": "Amazon EC2", "team": "checkout"}
    assert labelled(families, "finops_cost_month_to_date_amount", **effective) == [9500.004]
    assert labelled(families, "finops_cost_month_to_date_amount", cost="billed") == [9700.0]
    assert labelled(families, "finops_cost_month_to_date_amount", currency="USD") == [4310.90]


def test_account_ids_keep_their_zeros() -> None:
    assert labelled(snapshot().families, "finops_cost_month_to_date_amount", account="000000000042") == [310.25]


def test_a_day_that_is_not_settled_has_no_series() -> None:
    families = snapshot().families
    assert labelled(families, "finops_cost_day_amount", service="Amazon S3") == []
    assert labelled(families, "finops_cost_month_to_date_amount", service="Amazon S3") == [310.25]


def test_families_of_costs_are_folded_and_counted() -> None:
    lines = tuple(cost_line(str(number), "EC2", str(number)) for number in range(1, 51))
    made = snapshot(evaluation(costs=lines), max_series=10)
    shown = labelled(made.families, "finops_cost_month_to_date_amount")
    assert len(shown) == 10
    assert sum(shown) == sum(range(1, 51))
    assert labelled(made.families, "finops_cost_month_to_date_amount", account="__other__", team="__other__") == [861.0]
    families = operational_families(operations(), made)
    assert values(families, "finops_exporter_folded_series")["finops_cost_month_to_date_amount",] == 41
    assert values(families, "finops_exporter_series")["finops_cost_month_to_date_amount",] == 10


def test_budgets_have_amounts_and_ratios() -> None:
    families = snapshot().families
    place = ("checkout-monthly", "team-checkout", "environment=prod")
    assert values(families, "finops_budget_limit_amount")[(*place, "EUR")] == 12000
    assert values(families, "finops_budget_spent_amount")[(*place, "EUR")] == 9500
    assert values(families, "finops_budget_spent_ratio")[place] == pytest.approx(9500 / 12000)
    assert values(families, "finops_budget_pace_ratio")[place] == pytest.approx(1.2917, abs=1e-4)


def test_what_is_unknown_has_no_series_but_a_state() -> None:
    families = snapshot().families
    assert labelled(families, "finops_budget_spent_amount", policy="datacentre-quarterly") == []
    assert labelled(families, "finops_budget_spent_ratio", policy="datacentre-quarterly") == []
    assert labelled(families, "finops_policy_state", policy="datacentre-quarterly", state="unknown") == [1.0]
    assert labelled(families, "finops_policy_state", policy="datacentre-quarterly", state="ok") == [0.0]


def test_exactly_one_state_holds_for_each_finding() -> None:
    families = snapshot().families
    for finding in findings():
        place = {"policy": finding.policy, "group": finding.group_label}
        assert sorted(labelled(families, "finops_policy_state", **place)) == [0, 0, 0, 0, 1]
    assert labelled(families, "finops_policy_state", severity="critical", state="firing").count(1.0) == 1


def test_groups_that_look_alike_do_not_break_the_page() -> None:
    first = budget("p", group={"a": "x,b=y", "b": "z"}, state=State.FIRING, severity=Severity.INFO)
    second = budget("p", group={"a": "x", "b": "y,b=z"})
    made = snapshot(evaluation((first, second)))
    assert len(values(made.families, "finops_budget_spent_ratio")) == 1


def test_the_order_of_lines_and_findings_does_not_matter() -> None:
    made = evaluation()
    turned = replace(
        made, costs=replace(made.costs, amounts=made.costs.amounts.reverse()), findings=made.findings[::-1]
    )
    assert snapshot(turned).families == snapshot(made).families


def test_sources_and_outbox_between_evaluations() -> None:
    families = operational_families(operations(), None)
    assert values(families, "finops_source_up")["datacentre", "focus-files"] == 0
    assert values(families, "finops_source_last_success_timestamp_seconds")["aws-prod", "aws-data-export"] == (
        AS_OF.timestamp() - 7200
    )
    assert values(families, "finops_source_restated_amount") == {("aws-prod", "aws-data-export", "EUR"): -132.405}
    assert values(families, "finops_source_request_cost_usd_total")["aws-prod",] == 0.12
    assert values(families, "finops_source_collect_duration_seconds") == {("aws-prod",): 31.5}
    assert values(families, "finops_alert_outbox_pending") == {("finance",): 0, ("hook",): 2}
    assert values(families, "finops_alert_deliveries_total") == {("finance", "delivered"): 5}
    assert values(families, "finops_leader") == {(): 1}


def test_a_service_without_sources_still_has_a_page() -> None:
    families = operational_families(Operations(leader=False), None)
    assert values(families, "finops_leader") == {(): 0}
    assert values(families, "finops_source_up") == {}


def test_dimensions_become_label_names_that_prometheus_admits() -> None:
    names = label_names(["team", "équipe", "account", "__x", "cost_centre", "équipe_"])
    assert names == ("team", "_quipe", "account_", "_x", "cost_centre", "_quipe_")
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) and not name.startswith("__") for name in names)


def test_amounts_are_exact_until_the_page() -> None:
    lines = tuple(cost_line(str(number), "EC2", "0.000000000000001") for number in range(1000))
    made = build_snapshot(evaluation(costs=lines), SETTINGS, evaluated_seconds=0.0, max_series=1, profiles=PROFILES)
    assert labelled(made.families, "finops_cost_month_to_date_amount") == [float(Decimal("1e-12"))]


def test_growth_and_unit_costs_name_their_demand() -> None:
    growth = replace(
        budget("growth"),
        kind="Growth",
        demand="orders",
        measures={"elasticity": 1.5, "elasticity_low": 1.3, "elasticity_high": 1.8, "cost_growth": 0.3},
    )
    unit = replace(
        budget("unit"), kind="UnitCost", demand="orders", amount={"unit_cost": Money(Decimal("0.06"), "EUR")}
    )
    families = policy_families([growth, unit], PROFILES)
    place = ("team-checkout", "", "orders")

    assert values(families, "finops_cost_elasticity_ratio") == {("growth", *place): 1.5}
    assert values(families, "finops_cost_elasticity_ratio_low") == {("growth", *place): 1.3}
    assert values(families, "finops_cost_elasticity_ratio_high") == {("growth", *place): 1.8}
    assert values(families, "finops_cost_growth_ratio") == {("growth", *place): 0.3}
    assert values(families, "finops_demand_growth_ratio") == {}, "what could not be computed has no series"
    assert values(families, "finops_unit_cost_amount") == {("unit", *place, "EUR"): 0.06}


def test_a_value_that_is_called_other_stands_once_and_in_order() -> None:
    lines = [
        replace(cost_line("1", "EC2", amount), place=place)
        for place, amount in ((("__other__",) * 4, "5"), (("AWS", "1", "EC2", "a"), "9"), (("a", "2", "EC2", "b"), "7"))
    ]
    whole = snapshot(evaluation(costs=tuple(lines))).families[1].samples
    assert [(sample.values[0], sample.value) for sample in whole] == [("AWS", 9), ("__other__", 5), ("a", 7)]
    cut = snapshot(evaluation(costs=tuple(lines)), max_series=2).families[1].samples
    assert [(sample.values[0], sample.value) for sample in cut] == [("AWS", 9), ("__other__", 12)]
