"""Cost Explorer: what is asked, what it costs, which rows come of it, and every way in which AWS refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import polars as pl
import pytest
import stamina
from botocore.stub import Stubber
from pydantic import ValidationError

from finops.collect.aws import CostExplorer, CostExplorerOptions
from finops.errors import AccessDenied, BadArguments, FinopsError, LimitReached, NotFound, Throttled, Unreachable
from finops.focus.delivery import deliver
from finops.model.completeness import Completeness
from finops.model.period import Period
from finops.ports.lake import Known
from finops.ports.source import Discovery, Window
from finops.state import State, open_state
from tests.servers.cost_explorer import Charge, FakeCostExplorer, Refusal
from tests.support.verdicts import MovableClock

TODAY = date(2026, 4, 28)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
WHOM = {"SERVICE": "Amazon Simple Storage Service", "LINKED_ACCOUNT": "000123456789"}


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 4, 28, 6, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = open_state("sqlite:///state.db", base=tmp_path, clock=MovableClock())
    yield opened
    opened.close()


@pytest.fixture
def source(cost_explorer: FakeCostExplorer, state: State) -> Any:
    def make(**options: Any) -> CostExplorer:
        asked = CostExplorerOptions(**{"endpoint": cost_explorer.endpoint, "months": 1, **options})
        return CostExplorer("aws-quick", asked, clock=Clock(), request_costs=state.request_costs)

    return make


def rows(discovery: Discovery) -> pl.DataFrame:
    """Conformed; the delivery verifies."""
    delivery = deliver("aws-quick", [offer for offer in discovery.offers if offer.parts])
    found = delivery.rows.collect(engine="streaming")
    delivery.verify()
    return found


def known(discovery: Discovery) -> dict[date, Known]:
    return {
        one.billing_period: Known(
            one.billing_period, one.digest, 1, {}, "run", datetime(2026, 4, 1, tzinfo=UTC), 0, Completeness(),
            one.manifest, one.estimated_from,
        )
        for one in discovery.offers
    }  # fmt: skip


def months(fake: FakeCostExplorer) -> list[str]:
    return [request["TimePeriod"]["Start"][:7] for request in fake.asked]


@contextmanager
def refusing(fake: FakeCostExplorer, *codes: str | None) -> Iterator[None]:
    """The first answers are these refusals (None: the right answer); after them all is well."""
    left = list(codes)

    def fault(operation: str, _: object) -> Refusal | None:
        code = left.pop(0) if operation == "GetCostAndUsage" and left else None
        return Refusal(code) if code else None

    with fake.failing(fault), stamina.set_testing(True, attempts=3):
        yield


def test_a_charge_becomes_a_focus_row(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(APRIL, "1.0000000001", "0.75", WHOM)]
    cost_explorer.accounts = {"000123456789": "checkout-prod"}
    (row,) = rows(source().discover({})).iter_rows(named=True)
    wanted = {
        "BilledCost": Decimal("1.000000000100000"),
        "EffectiveCost": Decimal("0.750000000000000"),
        "ListCost": None,
        "ContractedCost": None,
        "BillingCurrency": "USD",
        "BillingPeriodStart": datetime(2026, 4, 1, tzinfo=UTC),
        "BillingPeriodEnd": datetime(2026, 5, 1, tzinfo=UTC),
        "ChargePeriodStart": datetime(2026, 4, 1, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 4, 2, tzinfo=UTC),
        "ChargeCategory": "Usage",
        "ServiceName": "Amazon Simple Storage Service",
        "ServiceProviderName": "AWS",
        "SubAccountId": "000123456789",
        "SubAccountName": "checkout-prod",
        "BillingAccountId": "000000000001",
        "x_Estimated": False,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_fee_of_a_commitment_has_no_effective_cost_and_its_unused_part_no_other(
    source: Any, cost_explorer: FakeCostExplorer
) -> None:
    cost_explorer.charges = [
        Charge(APRIL, "10", "3", {"RECORD_TYPE": "SavingsPlanRecurringFee"}),
        Charge(APRIL, "100", "0", {"RECORD_TYPE": "Upfront reservation fee"}),
        Charge(APRIL, "20", "20", {"RECORD_TYPE": "Fee"}),
    ]
    found = rows(source(group_by=["RECORD_TYPE"]).discover({})).sort("BilledCost")
    columns = ["ChargeCategory", "BilledCost", "EffectiveCost", "CommitmentDiscountStatus"]
    assert found.select(columns).rows() == [
        ("Usage", 0, 3, "Unused"),
        ("Purchase", 10, 0, None),
        ("Purchase", 20, 20, None),
        ("Purchase", 100, 0, None),
    ]


@pytest.mark.parametrize(
    ("group_by", "values", "expected"),
    [
        (["RECORD_TYPE"], {"RECORD_TYPE": "Credit"}, {"ChargeCategory": "Credit", "x_RecordType": "Credit"}),
        (["RECORD_TYPE"], {"RECORD_TYPE": "SavingsPlanNegation"}, {"ChargeCategory": "Usage"}),
        (["RECORD_TYPE"], {"RECORD_TYPE": "Refund"}, {"ChargeCategory": "Adjustment"}),
        (["SERVICE"], {"SERVICE": "Tax"}, {"ChargeCategory": "Tax", "ServiceName": "Tax"}),
        (["tag:team"], {"tag:team": "a$b \" 'c"}, {"Tags": '{"team":"a$b \\" \'c"}'}),
        (["tag:team"], {}, {"Tags": None}),
        (["REGION", "AZ"], {"REGION": "eu-central-1"}, {"RegionId": "eu-central-1", "AvailabilityZone": None}),
        (["cost-category:Product"], {"cost-category:Product": "shop"}, {"x_CostCategories": '{"Product":"shop"}'}),
        ([], {}, {"ServiceName": None, "ChargeCategory": "Usage"}),
    ],
)
def test_groupings_fill_their_columns(
    source: Any,
    cost_explorer: FakeCostExplorer,
    group_by: list[str],
    values: Mapping[str, str],
    expected: Mapping[str, object],
) -> None:
    cost_explorer.charges = [Charge(APRIL, "-2.5", values=values)]
    (row,) = rows(source(group_by=group_by).discover({})).iter_rows(named=True)
    assert {name: row[name] for name in expected} == expected


def test_quantities_come_with_usage_types_and_their_units(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [
        Charge(APRIL, "1", values={"USAGE_TYPE": "BoxUsage"}, usage="24", usage_unit="Hrs"),
        Charge(APRIL, "1", values={"USAGE_TYPE": "Mixed"}, usage="7", usage_unit="N/A"),
    ]
    found = rows(source(group_by=["USAGE_TYPE"]).discover({})).sort("x_UsageType")
    assert found.select("ConsumedQuantity", "ConsumedUnit").rows() == [(Decimal(24), "Hrs"), (None, None)]


def test_net_costs_are_asked_for_by_their_names(source: Any, cost_explorer: FakeCostExplorer) -> None:
    source(net=True).discover({})
    assert cost_explorer.asked[0]["Metrics"] == ["NetUnblendedCost", "NetAmortizedCost"]


def test_the_past_is_asked_for_once_and_the_newest_two_months_again(
    source: Any, cost_explorer: FakeCostExplorer
) -> None:
    cost_explorer.charges = [Charge(MARCH, "1", values=WHOM), Charge(APRIL, "2", values=WHOM)]
    said: list[str] = []
    quick = source(months=13)
    quick.doing = said.append
    first = quick.discover({})
    assert months(cost_explorer)[0] == "2026-04"
    assert (months(cost_explorer)[-1], len(cost_explorer.asked)) == ("2025-03", 14)
    assert said[1] == "asking for 2026-03, month 2 of 14"
    assert [offer.billing_period for offer in first.offers] == [MARCH, APRIL]
    cost_explorer.asked.clear()
    again = source(months=13).discover(known(first))
    assert months(cost_explorer) == ["2026-04", "2026-03"]
    assert [offer.digest for offer in again.offers] == [offer.digest for offer in first.offers]


def test_a_window_asks_for_its_months_and_says_what_is_too_old(source: Any, cost_explorer: FakeCostExplorer) -> None:
    found = source().discover({}, Window(date(2025, 2, 1), date(2025, 5, 1)))
    assert months(cost_explorer) == ["2025-04", "2025-03"]
    assert any(note.startswith("2025-02") for note in found.notes)


def test_days_that_aws_estimates_are_carried_and_a_change_of_that_alone_is_a_change(
    source: Any, cost_explorer: FakeCostExplorer
) -> None:
    cost_explorer.charges = [Charge(APRIL, "2", values=WHOM)]
    cost_explorer.estimated_from = date(2026, 4, 3)
    (estimated,) = source().discover({}).offers
    (trusted,) = source(estimated=False).discover({}).offers
    cost_explorer.estimated_from = None
    (final,) = source().discover({}).offers
    assert (estimated.estimated_from, trusted.estimated_from, final.estimated_from) == (date(2026, 4, 3), None, None)
    assert estimated.digest != final.digest
    assert trusted.digest == final.digest


def test_an_old_month_that_aws_still_estimates_is_asked_for_again(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(date(2026, 1, 1), "2", values=WHOM), Charge(APRIL, "2", values=WHOM)]
    cost_explorer.estimated_from = date(2026, 1, 1)
    first = source(months=4).discover({})
    cost_explorer.asked.clear()
    source(months=4).discover(known(first))
    assert months(cost_explorer) == ["2026-04", "2026-03", "2026-01"]


def test_every_page_is_read_and_paid(source: Any, cost_explorer: FakeCostExplorer, state: State) -> None:
    cost_explorer.page_size = 2
    cost_explorer.charges = [
        Charge(date(2026, 4, 1 + number // 3), "1", values={"SERVICE": f"s{number}"}) for number in range(5)
    ]
    quick = source()
    assert rows(quick.discover({}))["BilledCost"].sum() == 5
    assert quick.usage.requests == 4 + 1  # three pages of April, one of March, one to Organizations
    assert quick.usage.request_cost_usd == pytest.approx(0.04)
    assert state.request_costs.spent("aws-quick", TODAY) == Decimal("0.04")


def test_the_limit_stops_before_it_is_passed(source: Any, cost_explorer: FakeCostExplorer, state: State) -> None:
    cost_explorer.charges = [Charge(day, "1", values=WHOM) for day in (date(2026, 1, 1), MARCH, APRIL)]
    limit = "0.03 USD"
    first = source(months=5, max_request_cost_per_day=limit).discover({})
    assert months(cost_explorer) == ["2026-04", "2026-03", "2026-02"]
    assert [offer.billing_period for offer in first.offers] == [MARCH, APRIL]
    (note,) = [note for note in first.notes if "not collected yet" in note]
    assert "2025-11, 2025-12, 2026-01" in note
    assert "0.03 USD of the 0.03 USD" in note
    with pytest.raises(LimitReached):
        source(months=5, max_request_cost_per_day=limit).discover(known(first))
    assert len(cost_explorer.asked) == 3
    assert state.request_costs.spent("aws-quick", TODAY) == Decimal("0.03")
    rest = source(months=5).discover(known(first))
    assert months(cost_explorer)[3:] == ["2026-04", "2026-03", "2026-01", "2025-12", "2025-11"]
    assert [offer.billing_period for offer in rest.offers] == [date(2026, 1, 1), MARCH, APRIL]


def test_throttling_is_waited_out_and_every_try_is_paid(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(APRIL, "2", values=WHOM)]
    quick = source()
    with refusing(cost_explorer, "LimitExceededException", "LimitExceededException"):
        assert rows(quick.discover({}))["BilledCost"].sum() == 2
    assert quick.usage.throttled == 2
    assert quick.usage.request_cost_usd == pytest.approx(0.04)


@pytest.mark.parametrize("code", ["InvalidNextTokenException", "RequestChangedException"])
def test_pages_that_changed_are_read_again_from_the_first(
    source: Any, cost_explorer: FakeCostExplorer, code: str
) -> None:
    cost_explorer.page_size = 1
    cost_explorer.charges = [Charge(APRIL, "2", values={"SERVICE": name}) for name in ("a", "b")]
    with refusing(cost_explorer, None, code):
        assert rows(source().discover({}))["BilledCost"].sum() == 4
    assert ["NextPageToken" in request for request in cost_explorer.asked[:4]] == [False, True, False, True]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LimitExceededException", Throttled),
        ("InvalidNextTokenException", Unreachable),
        ("RequestChangedException", Unreachable),
        ("BillExpirationException", NotFound),
        ("DataUnavailableException", NotFound),
        ("ResourceNotFoundException", NotFound),
        ("BillingViewHealthStatusException", Unreachable),
        ("ValidationException", BadArguments),
        ("AccessDeniedException", AccessDenied),
        ("ExpiredTokenException", AccessDenied),
    ],
)
def test_every_refusal_is_an_error_of_ours(
    source: Any, cost_explorer: FakeCostExplorer, code: str, error: type[FinopsError]
) -> None:
    with refusing(cost_explorer, *[code] * 9), pytest.raises(error) as caught:
        source().discover({})
    assert caught.value.where.startswith("aws-quick")
    assert caught.value.remedy
    assert "testing" not in str(caught.value)


def test_every_documented_error_of_the_operation_is_mapped() -> None:
    import boto3

    client = boto3.client("ce", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    shapes = client.meta.service_model.operation_model("GetCostAndUsage").error_shapes
    tested = cast("Any", test_every_refusal_is_an_error_of_ours).pytestmark[0].args[1]
    assert {shape.name for shape in shapes} - {code for code, _ in tested} == set()


def test_a_refusal_of_organizations_is_a_note(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(APRIL, "2", values=WHOM)]
    cost_explorer.described = {"000123456789": "from Cost Explorer"}

    def fault(operation: str, _: object) -> Refusal | None:
        return Refusal("AccessDeniedException") if operation != "GetCostAndUsage" else None

    with cost_explorer.failing(fault):
        found = source().discover({})
        checks = {check.subject: check for check in source().check()}
    assert any("organizations:ListAccounts" in note for note in found.notes)
    assert rows(found)["SubAccountName"].to_list() == ["from Cost Explorer"]
    assert checks["AWS Organizations"].passed
    assert "organizations:DescribeOrganization" in checks["AWS Organizations"].detail


def test_a_check_says_what_collections_will_cost(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(date(2026, 4, 26), "2", values=WHOM)]
    checks = {check.subject: check.detail for check in source(months=13).check()}
    assert "the latest day with costs is 2026-04-26" in checks["ce:GetCostAndUsage"]
    assert "about 0.02 USD" in checks["request cost"]
    assert "about 0.14 USD" in checks["request cost"]
    assert "0.01 of 1.00 USD a day are spent" in checks["request cost"]
    assert "RECORD_TYPE" in checks["ChargeCategory"]


def test_totals_are_asked_by_day_and_service(source: Any, cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [
        Charge(MARCH, "2", "1", WHOM),
        Charge(MARCH, "0.5", values={**WHOM, "LINKED_ACCOUNT": "2"}),
        Charge(APRIL, "9", values=WHOM),
    ]
    found = source().totals(Period(MARCH, APRIL))
    assert found.lines.rows() == [(MARCH, "Amazon Simple Storage Service", "USD", Decimal("2.5"))]
    assert (found.cost, found.origin) == ("BilledCost", "Cost Explorer, UnblendedCost by SERVICE")
    assert (found.rows, found.provisional) == (None, False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group_by": ["SERVCE"]}, "Did you mean 'SERVICE'?"),
        ({"group_by": ["SERVICE", "SERVICE"]}, "same column"),
        ({"group_by": ["SERVICE", "REGION", "AZ"]}, "at most 2"),
        ({"max_request_cost_per_day": "1 EUR"}, "US dollars"),
        ({"months": 14}, "less than or equal to 13"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CostExplorerOptions(**options)


def test_motos_cost_explorer_gives_the_same_rows(
    moto_server: Any, state: State, source: Any, cost_explorer: FakeCostExplorer
) -> None:
    """moto answers what it is given; the shape is held to botocore's model of the service."""
    cost_explorer.charges = [Charge(APRIL, "2.25", "2", WHOM), Charge(date(2026, 4, 2), "4", values=WHOM)]
    cost_explorer.estimated_from = date(2026, 4, 2)
    ours = source().discover({})
    answers = [
        json.loads(cost_explorer.answer("AWSInsightsIndexService.GetCostAndUsage", request)[1])
        for request in list(cost_explorer.asked)
    ]
    _valid(answers)
    seed = json.dumps({"results": answers}).encode()
    address = f"{moto_server.endpoint}/moto-api/static/ce/cost-and-usage-results"
    urlopen(Request(address, seed, {"Content-Type": "application/json"})).close()
    options = CostExplorerOptions(endpoint=moto_server.endpoint, months=1)
    theirs = CostExplorer("moto", options, clock=Clock(), request_costs=state.request_costs).discover({})
    assert [offer.digest for offer in theirs.offers] == [offer.digest for offer in ours.offers]


def _valid(answers: list[dict[str, Any]]) -> None:
    import boto3

    client = boto3.client("ce", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        for answer in answers:
            stub.add_response("get_cost_and_usage", answer)  # raises for a shape that the model does not have
