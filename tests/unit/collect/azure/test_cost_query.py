"""The Cost Management query, asked over HTTP through Azure's own library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from finops.app.collection.source import collect
from finops.collect.azure.query import AzureCostQuery, AzureCostQueryOptions
from finops.collect.azure.query.ask import PERMISSION, QUOTAS, Pace
from finops.collect.azure.query.options import DIMENSIONS
from finops.collect.azure.query.source import ALWAYS
from finops.errors import AccessDenied, InvalidValue, NotFound, RefusedBatch, Throttled, Unreachable
from finops.focus.delivery import deliver
from finops.lake import DeltaLake
from finops.model.period import Period
from finops.ports.provider_totals import ProviderTotals
from finops.ports.source import LongDiscovery, Window
from tests.support.bills import lake
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.arm import SCOPE, SUBSCRIPTION, Arm, Charge, refused
from tests.unit.collect.azure.documented_row import ASSETS, DOCS, documented_row

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
NOW = datetime(2026, 4, 10, 6, tzinfo=UTC)
VM: Mapping[str, str] = {"ServiceName": "Virtual Machines", "ChargeType": "Usage", "PricingModel": "OnDemand"}
RESERVED: Mapping[str, str] = {**VM, "PricingModel": "Reservation"}


@dataclass
class Waits:
    """Waits by moving the clock."""

    clock: MovableClock
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def waits(clock: MovableClock) -> Waits:
    return Waits(clock)


def query(arm: Arm, waits: Waits, **options: Any) -> AzureCostQuery:
    given = {"scope": SCOPE, "group_by": ["ServiceName"], "sign_in": {"method": "managed-identity"}, **options}
    made = AzureCostQueryOptions(**{"endpoint": arm.address, **given})
    return AzureCostQuery("azure-quick", made, base=Path(), clock=waits.clock, wait=waits)


def rows(source: AzureCostQuery, window: Window | None = None) -> pl.DataFrame:
    offers = source.discover({}, window or Window()).offers
    return deliver("azure-quick", offers).rows.collect(engine="streaming").sort("ChargePeriodStart", "BilledCost")


def test_actual_and_amortised_become_billed_and_effective(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [
        Charge(MARCH, "10.123456789012345", "10.123456789012345", VM),
        Charge(MARCH, "0", "3.5", RESERVED),
        Charge(date(2026, 3, 2), None, "0.5", {**RESERVED, "ChargeType": "UnusedReservation"}),
        Charge(date(2026, 3, 2), "120", None, {**RESERVED, "ChargeType": "Purchase"}),
        # amortised cost holds purchases of savings plans by mistake
        Charge(date(2026, 3, 2), "744", "744", {**RESERVED, "PricingModel": "SavingsPlan", "ChargeType": "Purchase"}),
        Charge(date(2026, 3, 3), "-1.5", "-1.5", {"ServiceName": "Storage", "ChargeType": "Refund"}),
    ]
    found = rows(query(arm, waits))
    shown = found.select("BilledCost", "EffectiveCost", "ChargeCategory", "PricingCategory", "CommitmentDiscountStatus")
    assert shown.rows() == [
        (Decimal(0), Decimal("3.5"), "Usage", "Committed", "Used"),
        (Decimal("10.123456789012345"), Decimal("10.123456789012345"), "Usage", "Standard", None),
        (Decimal(0), Decimal("0.5"), "Usage", "Committed", "Unused"),
        (Decimal(120), Decimal(0), "Purchase", "Committed", None),
        (Decimal(744), Decimal(0), "Purchase", "Committed", None),
        (Decimal("-1.5"), Decimal("-1.5"), "Purchase", None, None),
    ]
    assert found["ChargeClass"].to_list() == [None] * 5 + ["Correction"]
    assert found["ServiceName"].to_list() == ["Virtual Machines"] * 5 + ["Storage"]
    assert found["SubAccountId"].unique().to_list() == [f"/subscriptions/{SUBSCRIPTION}"]
    assert found["BillingCurrency"].unique().to_list() == ["EUR"]
    assert found["ListCost"].null_count() == 6


def test_every_page_is_read(arm: Arm, waits: Waits) -> None:
    arm.page = 2
    arm.charges[SCOPE] = [Charge(MARCH + timedelta(days=day), "1", "2", VM) for day in range(7)]
    source = query(arm, waits)
    found = rows(source)
    assert (found["BilledCost"].sum(), found["EffectiveCost"].sum()) == (Decimal(7), Decimal(14))
    assert source.usage.requests == len(arm.questions) == 4 + 4 + 2  # March in four pages, April in one


def test_the_open_and_the_previous_month_are_asked_for_and_never_the_future(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [Charge(date(2026, 1, 5), "1", "1", VM), Charge(APRIL, "2", "2", VM)]
    discovery = query(arm, waits).discover({})
    assert [offer.billing_period for offer in discovery.offers] == [APRIL]
    asked = {(one["timePeriod"]["from"][:10], one["timePeriod"]["to"][:10]) for one in arm.questions}
    assert asked == {("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-10")}


def test_older_months_come_at_a_backfill(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [Charge(date(2025, 3, 5), "1", "1", VM), Charge(FEBRUARY, "2", "2", VM)]
    discovery = query(arm, waits).discover({}, Window(first=date(2025, 3, 1), end=MARCH))
    assert [offer.billing_period for offer in discovery.offers] == [date(2025, 3, 1), FEBRUARY]
    assert len(arm.questions) == 2 * 12


def test_a_backfill_says_where_it_is(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = []
    source, said = query(arm, waits), list[str]()
    assert isinstance(source, LongDiscovery)
    source.doing = said.append
    source.discover({}, Window(first=FEBRUARY))
    assert said == ["asking for 2026-02", "asking for 2026-03", "asking for 2026-04"]


def test_a_backfill_stays_inside_the_quotas(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = []
    query(arm, waits).discover({}, Window(first=date(2025, 1, 1)))
    assert len(arm.questions) == 2 * 16
    assert waits.seconds == [10.0, 10.0]  # the 13th and the 25th question


@pytest.mark.parametrize(("window", "quota"), QUOTAS)
def test_no_window_ever_holds_more_than_its_quota(window: timedelta, quota: int) -> None:
    clock = MovableClock(NOW)
    pace, spent = Pace(clock, Waits(clock)), []
    for number in range(1_500):
        units = 1 + number % 3
        pace.take(units)
        spent += [clock.now()] * units
    assert max(spent[n + quota] - spent[n] for n in range(len(spent) - quota)) >= window
    assert all(spent[n + quota] - spent[n] >= window for n in range(len(spent) - quota))


def test_the_largest_of_all_wishes_is_waited_for(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [Charge(MARCH, "1", "1", VM)]
    headers = {
        "Retry-After": "5",
        "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "30",
        "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "7",
        "x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after": "soon",
    }
    arm.refusals = [refused(429, "429", "Too many requests. Please retry.", headers)]
    source = query(arm, waits)
    assert rows(source).height == 1
    assert waits.seconds == [30.0]
    assert source.usage.throttled == 1


def test_a_wish_beyond_the_bound_is_handed_on(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = []
    wish = {"x-ms-ratelimit-microsoft.costmanagement-clienttype-retry-after": "1800"}
    arm.refusals = [refused(429, "429", "Too many requests.", wish)]
    source = query(arm, waits)
    with pytest.raises(Throttled) as caught:
        source.discover({})
    assert caught.value.retry_after_seconds == 1800
    assert (waits.seconds, source.usage.throttled) == ([], 1)


def test_throttling_without_a_wish_and_faults_are_tried_again_ever_later(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = []
    arm.refusals = [refused(429, "429", "Too many requests.")] + [refused(503, "Unavailable", "Try later.")] * 4
    with pytest.raises(Unreachable, match="503"):
        query(arm, waits).discover({})
    assert waits.seconds == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("answer", "error", "said", "remedy"),
    [
        (refused(401, "ExpiredAuthenticationToken", "The token expired."), AccessDenied, "token", "Sign in again"),
        (refused(403, "RBACAccessDenied", "Not authorised."), AccessDenied, "Not authorised", "query/read"),
        (refused(400, "BadRequest", "Invalid; valid values: 'Meter'."), RefusedBatch, "'Meter'", "finops.yaml"),
        (refused(404, "SubscriptionNotFound", "No such subscription."), NotFound, "No such", "Check the ID"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_azure_says_and_what_to_do(
    arm: Arm, waits: Waits, answer: Any, error: type[Exception], said: str, remedy: str
) -> None:
    arm.refusals = [answer]
    with pytest.raises(error, match=said) as caught:
        query(arm, waits).discover({})
    assert remedy in caught.value.remedy  # type: ignore[attr-defined]
    assert SCOPE in caught.value.where  # type: ignore[attr-defined]
    assert waits.seconds == []


def test_a_billing_account_needs_a_billing_role(arm: Arm, waits: Waits) -> None:
    arm.refusals = [refused(403, "Forbidden", "Access denied.")]
    scope = "/providers/Microsoft.Billing/billingAccounts/0012345678"
    (check,) = query(arm, waits, scope=scope).check()
    assert "reader role on the billing account" in check.detail


def test_callers_say_who_they_are(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = []
    query(arm, waits).discover({})
    assert {headers["Clienttype"] for headers in arm.headers} == {"finops-verdict"}


def test_dimensions_and_a_tag_stand_in_columns_of_focus(arm: Arm, waits: Waits) -> None:
    billing = "/providers/Microsoft.Billing/billingAccounts/0012345678"
    values = {
        **VM, "SubscriptionId": "0000-AB", "SubscriptionName": "shop", "ResourceGroupName": "rg", "MeterCategory": "VM",
        "ServiceFamily": "AI + Machine Learning", "Frequency": "UsageBased", "team": "shop",
    }  # fmt: skip
    arm.charges[billing.lower()] = [Charge(MARCH, "1", "1", values)]
    groups = ["SubscriptionId", "SubscriptionName", "ResourceGroupName", "MeterCategory", "ServiceFamily", "Frequency"]
    (row,) = rows(query(arm, waits, scope=billing, group_by=groups, tag="team")).iter_rows(named=True)
    assert row["SubAccountId"] == "/subscriptions/0000-ab"
    assert (row["SubAccountName"], row["x_ResourceGroupName"], row["x_SkuMeterCategory"]) == ("shop", "rg", "VM")
    assert (row["ServiceCategory"], row["ChargeFrequency"]) == ("AI and Machine Learning", "Usage-Based")
    assert (row["BillingAccountId"], row["Tags"]) == (billing, '{"team":"shop"}')


def test_only_what_changed_is_written(arm: Arm, waits: Waits, tmp_path: Path) -> None:
    own: DeltaLake = lake(tmp_path)
    arm.charges[SCOPE] = [Charge(MARCH, "1", "1", VM), Charge(APRIL, "2", "2", VM)]
    assert collect(query(arm, waits), own, waits.clock).run.periods == (MARCH, APRIL)
    assert collect(query(arm, waits), own, waits.clock).run.outcome == "unchanged"
    arm.charges[SCOPE][0] = Charge(MARCH, "1.25", "1.25", VM)
    again = collect(query(arm, waits), own, waits.clock)
    assert (again.run.periods, again.run.restated) == ((MARCH,), {"EUR": Decimal("0.25")})
    assert again.run.requests == 4


def test_the_providers_total_is_asked_by_day_and_service(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [
        Charge(MARCH, "1.5", "9", VM),
        Charge(MARCH, "2.5", "9", {**VM, "ChargeType": "Purchase"}),
        Charge(date(2026, 3, 2), "7", "9", {"ServiceName": ""}),
    ]
    source = query(arm, waits)
    assert isinstance(source, ProviderTotals)
    totals = source.totals(Period(MARCH, APRIL))
    assert totals.lines.rows() == [
        (MARCH, "Virtual Machines", "EUR", Decimal(4)),
        (date(2026, 3, 2), None, "EUR", Decimal(7)),
    ]
    assert (totals.cost, totals.provisional) == ("BilledCost", False)
    assert source.totals(Period(APRIL, date(2026, 5, 1))).lines.is_empty()
    assert source.totals(Period(APRIL, date(2026, 5, 1))).provisional


def test_a_check_says_how_new_the_data_are(arm: Arm, waits: Waits) -> None:
    arm.charges[SCOPE] = [Charge(date(2026, 4, 8), "1", "1", VM)]
    (check,) = query(arm, waits).check()
    assert check.passed
    assert "the latest day is 2026-04-08" in check.detail


@pytest.mark.parametrize(
    "scope",
    [
        "/subscriptions/s",
        "/subscriptions/s/resourceGroups/g/",
        "/providers/Microsoft.Management/managementGroups/m",
        "/providers/Microsoft.Billing/billingAccounts/b",
        "/providers/Microsoft.Billing/billingAccounts/b/departments/d",
        "/providers/Microsoft.Billing/billingAccounts/b/enrollmentAccounts/e",
        "/providers/Microsoft.Billing/billingAccounts/b:c_2019-05-31/billingProfiles/p",
        "/providers/Microsoft.Billing/billingAccounts/b/billingProfiles/p/invoiceSections/i",
    ],
)
def test_scopes(scope: str) -> None:
    assert AzureCostQueryOptions(scope=scope).scope == scope.rstrip("/")


@pytest.mark.parametrize(
    "options",
    [
        {"scope": "subscriptions/s"},
        {"scope": "/subscriptions/s/providers/Microsoft.Compute"},
        {"scope": "/subscriptions/s?x=1"},
        {"scope": SCOPE, "group_by": ["Servicename"]},
        {"scope": SCOPE, "group_by": ["Meter", "Meter"]},
    ],
)
def test_mistyped_options_are_faults(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        AzureCostQueryOptions(**options)
    assert all(isinstance(fault["ctx"]["error"], InvalidValue) for fault in caught.value.errors())


def test_the_documented_row_becomes_what_the_page_says(arm: Arm, waits: Waits) -> None:
    documented = documented_row("azure-cost-query.md")
    given = {column: before for column, before, _ in documented if before}
    dimensions = {name: given[name] for name in ("SubscriptionId", "ServiceName", "ChargeType", "PricingModel")}
    day = datetime.strptime(given["UsageDate"], "%Y%m%d").replace(tzinfo=UTC).date()
    costs = given["Cost (ActualCost)"], given["Cost (AmortizedCost)"]
    arm.charges[SCOPE] = [Charge(day, *costs, dimensions, given["Currency"])]
    (row,) = rows(query(arm, waits, group_by=["SubscriptionId", "ServiceName"])).iter_rows(named=True)
    expected = {column: after for column, _, after in documented if after}
    assert {column: str(row[column]) for column in expected} == expected
    shown = {column for column, value in row.items() if value is not None} - {"billing_period"}
    assert shown == set(expected)


def test_the_documented_dimensions_are_all_of_them() -> None:
    page = (DOCS / "azure-cost-query.md").read_text().partition("| dimension | column |")[2]
    named = {name for line in page.splitlines() if line.startswith("| ") for name in line.split("|")[1].split(",")}
    assert {name.strip() for name in named} == {*DIMENSIONS, *ALWAYS}


def test_the_role_covers_what_is_asked(arm: Arm, waits: Waits) -> None:
    """Every request is a POST to the query: "Microsoft.CostManagement/query/read: Query usage data by a scope"."""
    arm.charges[SCOPE] = [Charge(MARCH, "1", "1", VM)]
    source = query(arm, waits)
    source.discover({})
    source.check()
    source.totals(Period(MARCH, APRIL))
    asked = {(request.method, request.path.rpartition("/providers/")[2]) for request, _ in arm.server.log}
    assert asked - {("GET", "/identity")} == {("POST", "Microsoft.CostManagement/query")}
    role = json.loads((ASSETS / "azure-roles" / "azure-cost-query.json").read_text())
    assert PERMISSION in role["Actions"]
    assert {action.rpartition("/")[0] for action in role["Actions"]} == {"Microsoft.CostManagement/query"}
    for file in (ASSETS / "terraform" / "azure-cost-query.tf", DOCS / "azure-cost-query.md"):
        assert PERMISSION in file.read_text()
