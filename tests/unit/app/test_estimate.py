"""What an Infracost estimate does to budgets: where it falls, in which currency, for which days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.app.policies.estimate import Estimate, EstimatedResource, read_estimate
from finops.app.policies.estimate_effect import Effects, Rows, effects_on_budgets, months_after
from finops.cli.render.estimate import notes, summary
from finops.config.plugins import policy_kinds
from finops.errors import BadArguments, RefusedBatch
from finops.focus.schema import condition_columns
from finops.model.dimension import Dimension, Else, FromTags, When
from finops.model.finding import Finding
from finops.model.money import Money
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.rates import NO_RATES, Rates
from finops.policy.load import load_policies
from tests.support.snapshots import budget

COLUMNS = condition_columns()
DIMENSIONS = [
    Dimension("team", (FromTags(("team", "owner")), When("SubAccountId = '1'", "platform"), Else("unallocated"))),
    Dimension("environment", (FromTags(("env",)), Else("prod"))),
]
RATES = Rates("EUR", {"USD": {date(2026, 3, 20): Decimal("1.25")}})
TODAY = date(2026, 3, 21)
SCOPES = {
    "checkout": "team = 'checkout' AND ChargeCategory <> 'Tax'",
    "others": "team <> 'checkout' OR team IS NULL",
    "databases": "ServiceName = 'Amazon RDS'",
}


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> list[Policy]:
    file = tmp_path_factory.mktemp("policies") / "p.yaml"
    file.write_text("---\n".join(_policy(name, scope) for name, scope in SCOPES.items()), encoding="utf-8")
    known = COLUMNS.with_dimensions(("team", "environment"))
    return load_policies([file], kinds=policy_kinds().load_all(), columns=known, demand=())


def _policy(name: str, scope: str, more: str = "") -> str:
    return (
        f"apiVersion: finops/v1\nkind: Budget\nmetadata: {{name: {name}, owner: a, description: b}}\n"
        f"spec:\n  scope: {json.dumps(scope)}\n  period: month\n  amount: 12000 EUR\n{more}"
        "  alerts: [{when: spent > 80%, severity: info}]\n"
    )


def resource(name: str, monthly: str | None, **tags: str) -> EstimatedResource:
    return EstimatedResource(name, Decimal(monthly) if monthly is not None else None, tags)


def effects(
    policies: list[Policy],
    *resources: EstimatedResource,
    told: Mapping[str, str] | None = None,
    rates: Rates = RATES,
    findings: list[Finding] | None = None,
    currency: str = "USD",
) -> Effects:
    estimate = Estimate(currency, resources, ())
    verdicts = [budget(name) for name in SCOPES] if findings is None else findings
    return effects_on_budgets(estimate, policies, verdicts, Rows(DIMENSIONS, COLUMNS, told or {}), rates, TODAY)


def test_a_change_falls_into_the_budget_of_its_tags_in_its_currency_and_days(policies: list[Policy]) -> None:
    found = effects(policies, resource("web", "310", team="checkout"), resource("db", "-62", owner="data"))
    checkout, databases, others = found.budgets
    assert (checkout.policy, checkout.monthly) == ("checkout", Money(Decimal(248), "EUR"))
    assert checkout.until_end == Money(Decimal(80), "EUR")  # ten of 31 days
    assert checkout.before("remaining") == Money(Decimal("5900.00"), "EUR")
    assert checkout.after("remaining") == Money(Decimal("5820.00"), "EUR")
    assert others.monthly == Money(Decimal("-49.6"), "EUR")
    assert (databases.monthly, databases.possible) == (None, Money(Decimal("198.4"), "EUR"))
    assert databases.untold == ("ServiceName",)
    assert "does not tell ServiceName. Add --with ServiceName=VALUE" in next(notes(found))


def test_what_somebody_tells_decides(policies: list[Policy]) -> None:
    untagged = resource("nat", "125")
    unsure = effects(policies, untagged)
    assert [(one.policy, one.untold) for one in unsure.budgets] == [
        ("checkout", ("team",)),
        ("databases", ("ServiceName",)),
        ("others", ("team",)),
    ]
    told = effects(policies, untagged, told={"SubAccountId": "1", "ServiceName": "VPC"})
    assert [(one.policy, one.monthly) for one in told.budgets] == [("others", Money(Decimal(100), "EUR"))]
    assert told.others == 2
    by_dimension = effects(policies, untagged, told={"team": "checkout", "ServiceName": "VPC"})
    assert [one.policy for one in by_dimension.budgets] == ["checkout"]
    with pytest.raises(BadArguments, match="Did you mean 'SubAccountId'"):
        effects(policies, told={"SubAccountID": "1"})


def test_without_a_rate_or_a_verdict_nothing_is_said(policies: list[Policy]) -> None:
    [checkout, *_] = effects(policies, resource("web", "10", team="checkout"), rates=NO_RATES).budgets
    assert checkout.monthly is None
    assert "no rate from USD to EUR" in checkout.unknown
    assert checkout.after("remaining") is None
    [checkout, *_] = effects(policies, resource("web", "10", team="checkout"), findings=[]).budgets
    assert checkout.unknown == "the policy has no verdict yet"


def test_each_group_has_its_own_share(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(_policy("grouped", "team = 'checkout'", "  group_by: [environment]\n"), encoding="utf-8")
    known = COLUMNS.with_dimensions(("team", "environment"))
    policies = load_policies([file], kinds=policy_kinds().load_all(), columns=known, demand=())
    resources = resource("a", "100", team="checkout", env="dev"), resource("b", "50", team="checkout")
    found = effects(policies, *resources, findings=[budget("grouped", group={"environment": "prod"})])
    amounts = {one.group["environment"]: (one.monthly, one.finding is not None) for one in found.budgets}
    assert amounts == {"dev": (Money(Decimal(80), "EUR"), False), "prod": (Money(Decimal(40), "EUR"), True)}


_resources = st.lists(
    st.builds(
        lambda cents, tags: EstimatedResource("r", Decimal(cents) / 100, tags),
        st.integers(-(10**9), 10**9),
        st.dictionaries(st.sampled_from(["team", "env"]), st.sampled_from(["checkout", "data"])),
    ),
    max_size=8,
)


@given(_resources)
def test_scopes_that_share_all_costs_share_the_whole_change(
    policies: list[Policy], resources: list[EstimatedResource]
) -> None:
    """``checkout`` and ``others`` hold every row between them, once the team is known."""
    both = [one for one in policies if one.name != "databases"]
    found = effects(both, *resources, told={"SubAccountId": "2"}, currency="EUR")
    total = sum((one.monthly.amount for one in found.budgets if one.monthly is not None), Decimal(0))
    assert total == sum((one.monthly for one in resources if one.monthly is not None), Decimal(0))
    assert not found.without


def test_days_left_count_by_the_length_of_their_month() -> None:
    assert months_after(date(2026, 2, 14), Period(date(2026, 2, 1), date(2026, 4, 1))) == 1.5
    assert months_after(date(2026, 3, 31), Period(date(2026, 3, 1), date(2026, 4, 1))) == 0


def document(**changed: Any) -> dict[str, Any]:
    project = {
        "name": "shop",
        "pastBreakdown": {"resources": [{"name": "db", "tags": {"team": "data"}, "monthlyCost": "9"}]},
        "breakdown": {"resources": [{"name": "web", "tags": {"team": "x"}, "monthlyCost": "5"}]},
        "diff": {
            "resources": [
                {"name": "web", "monthlyCost": "5.25", "metadata": {}},
                {"name": "db", "monthlyCost": "-9"},
                {"name": "logs", "monthlyCost": None, "defaultTags": {"team": "y"}},
            ]
        },
    }
    return {"version": "0.2", "currency": "USD", "timeGenerated": "t", "projects": [project], **changed}


def written(folder: Path, content: object) -> Path:
    file = folder / "estimate.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_an_estimate_is_read_as_infracost_writes_it(tmp_path: Path) -> None:
    read = read_estimate(written(tmp_path, document()))
    assert (read.total, read.unpriced, read.whole) == (Decimal("-3.75"), 1, ())
    assert {one.name: one.tags for one in read.resources} == {
        "web": {"team": "x"},
        "db": {"team": "data"},
        "logs": {"team": "y"},
    }
    new = {"name": "new", "breakdown": {"resources": [{"name": "web", "monthlyCost": "5"}]}, "diff": None}
    whole = read_estimate(written(tmp_path, document(projects=[new])))
    assert (whole.total, whole.whole) == (Decimal(5), ("new",))
    said = list(summary(whole, Effects((), 0, ()), NO_RATES, TODAY))
    assert said == [
        "estimated change: +5.00 USD a month, at list prices, for 1 resource",
        "the estimate of new has no earlier state: all of it counts as new",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "this is not JSON"),
        ([], "the document is missing or not valid"),
        ({"format_version": "1.2", "planned_values": {}}, "this is a Terraform plan, without prices"),
        (document(currency="DOLLARS"), "currency is missing or not valid"),
        ({"version": "0.2", "currency": "USD"}, "projects is missing"),
        (document(projects=[{"name": "p", "diff": {"resources": [{"name": "r", "monthlyCost": "NaN"}]}}]), "projects"),
        (document(projects=[{"name": "p", "diff": {"resources": [{"name": "r", "monthlyCost": "1e99"}]}}]), "projects"),
    ],
)
def test_what_is_no_estimate_is_refused_with_the_way_to_make_one(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(RefusedBatch, match="infracost breakdown") as refused:
        read_estimate(written(tmp_path, content))
    assert says in str(refused.value)
