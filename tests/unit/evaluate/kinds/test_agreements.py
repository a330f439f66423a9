"""Commitments that end, and agreed spends that will not be reached: what counts, and when nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.lake.tables.columns import with_columns_of
from finops.model.finding import Finding, State
from finops.ports.lake_faults import LakeFaults
from finops.ports.records import COMMITMENTS_SCHEMA
from tests.support import lake_view
from tests.support.lake_view import AS_OF, CURRENT, DIMENSIONS, FakeView, days, findings, only, policy, standing

TODAY = AS_OF.date()
EXPIRES = "alerts: [{when: expires_in < 30d, severity: warning}]"
SHORT = "alerts: [{when: shortfall > 0 EUR, severity: warning}]"
SINCE = date(2026, 1, 1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def one(name: str, ends: date | None = None, dataset: str = "ContractCommitment", **columns: object) -> dict[str, Any]:
    end = at(ends) if ends else None
    own = {"source": "aws", "dataset": dataset, "ContractCommitmentId": name, "ContractCommitmentPeriodEnd": end}
    return {**own, **columns}


def edp(cost: int | None = 3650, **columns: Any) -> dict[str, Any]:
    own: dict[str, Any] = {
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentCost": None if cost is None else Decimal(cost),
        "BillingCurrency": "EUR",
        "ContractCommitmentPeriodStart": at(SINCE),
        "ContractCommitmentFulfillmentInterval": "Full Period",
    }
    return one("edp", date(2027, 1, 1), **{**own, **columns})


def view(commitments: Sequence[dict[str, Any]], *rows: dict[str, Any], faults: LakeFaults | None = None) -> FakeView:
    lake = FakeView(list(rows) or days(SINCE, TODAY - timedelta(days=1), 10))
    schema = pl.Schema({**COMMITMENTS_SCHEMA, **dict.fromkeys(DIMENSIONS, pl.String())})
    given_columns = {name: dtype for name, dtype in schema.items() if any(name in row for row in commitments)}
    frame = pl.DataFrame(list(commitments), schema=given_columns)
    object.__setattr__(lake, "commitment_rows", with_columns_of(frame.lazy(), schema).collect())
    if faults is not None:
        object.__setattr__(lake, "faults", faults)
    return lake


def judged(spec: str, commitments: Sequence[dict[str, Any]], *rows: dict[str, Any]) -> Finding:
    return only(policy("Commitment", spec, name="agreed"), view(commitments, *rows))


def test_the_first_to_end_counts() -> None:
    ends = [one("b", TODAY + timedelta(days=400)), one("a", TODAY + timedelta(days=29), ContractCommitmentType="Plan")]
    finding = judged(EXPIRES, ends)
    assert (finding.state, finding.value, finding.measures) == (State.FIRING, 29 * 24, {"expires_in": 29 * 24})
    assert "expires_in 29 d < 30 d: Plan a ends on 2026-04-18, 1 other commitment later" in finding.reason
    assert judged(EXPIRES, [one("a", TODAY + timedelta(days=30))]).state is State.OK


@pytest.mark.parametrize("status", ["Expired", "Canceled", "Superseded", "Exhausted", "Proposed"])
def test_what_is_not_in_force_does_not_count(status: str) -> None:
    gone = one("a", TODAY + timedelta(days=3), ContractCommitmentLifecycleStatus=status)
    assert judged(EXPIRES, [gone, one("b", TODAY + timedelta(days=90))]).state is State.OK


@pytest.mark.parametrize(
    ("commitments", "why"),
    [
        ([], "no commitment is known in this scope"),
        ([one("a", TODAY)], "every known commitment has ended, the last on"),
        ([one("a", TODAY + timedelta(days=90)), one("b")], "the end of 1 commitment is unknown (commitment b)"),
        ([one("b", dataset="CostAndUsage", x_LastChargePeriodEnd=at(TODAY))], "the end of 1 commitment is unknown"),
    ],
)
def test_what_nobody_knows_is_never_fine(commitments: list[dict[str, Any]], why: str) -> None:
    finding = judged(EXPIRES, commitments)
    assert finding.state is State.UNKNOWN
    assert why in finding.reason


def test_an_end_that_is_near_fires_whatever_else_is_unknown() -> None:
    assert judged(EXPIRES, [one("a", TODAY + timedelta(days=3)), one("b")]).state is State.FIRING


def test_a_commitment_that_no_bill_names_any_more_has_ended() -> None:
    old = one("b", dataset="CostAndUsage", x_LastChargePeriodEnd=at(TODAY - timedelta(days=60)))
    assert judged(EXPIRES, [old, one("a", TODAY + timedelta(days=90))]).state is State.OK


def test_a_contract_completes_what_bills_say() -> None:
    used = one("a", dataset="CostAndUsage", x_LastChargePeriodEnd=at(TODAY), ServiceProviderName="AWS")
    told = one("a", TODAY + timedelta(days=3), source="contracts")
    assert judged(f"scope: source = 'aws'\n{EXPIRES}", [used, told]).state is State.FIRING


def test_reservations_end_with_the_order_that_bought_them() -> None:
    order = one("/orders/o", TODAY + timedelta(days=3), dataset="CostAndUsage")
    used = one("/orders/o/reservations/r", dataset="CostAndUsage", x_LastChargePeriodEnd=at(TODAY))
    finding = judged(EXPIRES, [used, order])
    assert "/orders/o/reservations/r ends on" in finding.reason


def test_a_scope_leaves_out_only_what_says_that_it_is_elsewhere() -> None:
    other = one("a", TODAY + timedelta(days=3), SubAccountId="2")
    vague = one("b", TODAY + timedelta(days=90))
    rows = days(SINCE, TODAY, 10, SubAccountId="1")
    assert judged(f"scope: SubAccountId = '1'\n{EXPIRES}", [other, vague], *rows).state is State.OK
    assert (
        judged(f"scope: SubAccountId = '1'\n{EXPIRES}", [{**other, "SubAccountId": "1"}], *rows).state is State.FIRING
    )


def test_a_group_has_the_commitments_of_its_own_values() -> None:
    rows = [*days(SINCE, TODAY, 10, SubAccountId="1"), *days(SINCE, TODAY, 10, SubAccountId="2")]
    near = one("a", TODAY + timedelta(days=3), SubAccountId="1")
    far = one("b", TODAY + timedelta(days=300), SubAccountId="2")
    found = findings(
        policy("Commitment", f"group_by: [SubAccountId]\n{EXPIRES}", name="agreed"), view([near, far], *rows)
    )
    assert {finding.group["SubAccountId"]: finding.state for finding in found} == {"1": State.FIRING, "2": State.OK}


def test_a_damaged_table_makes_the_verdict_unknown() -> None:
    broken = view([one("a", TODAY + timedelta(days=3))], faults=LakeFaults(commitments={"aws": "a file is lost"}))
    finding = only(policy("Commitment", EXPIRES, name="agreed"), broken)
    assert (finding.state, "a file is lost" in finding.reason) == (State.UNKNOWN, True)


def test_what_will_be_missing_at_the_end() -> None:
    finding = judged(SHORT, [edp(4000)])
    # 10 EUR a day, so 3,650 in the whole year
    assert (finding.state, finding.amount["shortfall"].amount) == (State.FIRING, 350)
    assert finding.measures == {"shortfall": 0.0875}
    assert finding.amount["agreed_spent"].amount + finding.amount["agreed_left"].amount == 4000
    assert judged(SHORT, [edp(3650)]).state is State.OK
    assert judged(SHORT, [edp(3000)]).amount["shortfall"].amount == 0


@pytest.mark.parametrize(
    ("commitments", "why"),
    [
        ([], "no commitment of category Spend is known"),
        ([edp(None)], "the amount of commitment edp is unknown"),
        ([edp(ContractCommitmentPeriodStart=None)], "the term of commitment edp is unknown"),
        ([edp(), {**edp(), "ContractCommitmentId": "two"}], "several agreed spends are in this scope (edp, two)"),
        ([edp(ContractCommitmentFulfillmentInterval="Hourly")], "is used or lost hourly"),
        ([edp(ContractCommitmentFulfillmentInterval="Quarterly")], "is counted anew in each Quarterly interval"),
        (
            [edp(ContractCommitmentPeriodStart=at(date(2025, 6, 1)))],
            "bills of aws begin on 2026-01-01, after commitment",
        ),
        ([edp(BillingCurrency="CHF")], "no exchange rate from CHF to EUR"),
        ([edp(ContractCommitmentCategory="Usage")], "no commitment of category Spend"),
    ],
)
def test_without_the_facts_there_is_no_shortfall(commitments: list[dict[str, Any]], why: str) -> None:
    finding = judged(SHORT, commitments)
    assert finding.state is State.UNKNOWN
    assert why in finding.reason


def test_a_yearly_interval_of_a_year_is_the_whole_term() -> None:
    assert judged(SHORT, [edp(4000, ContractCommitmentFulfillmentInterval="Annual")]).state is State.FIRING


def test_one_of_several_is_named() -> None:
    two = {**edp(9000), "ContractCommitmentId": "two"}
    assert judged(f"commitment: two\n{SHORT}", [edp(), two]).amount["agreed"].amount == 9000


def test_late_bills_make_no_shortfall() -> None:
    rows = view([edp(4000)])
    late = [standing(through=AS_OF - timedelta(days=9), delivered=AS_OF)]
    finding = only(policy("Commitment", SHORT, name="agreed"), rows, freshness=late)
    assert finding.state is State.UNKNOWN


@examples(max_examples=15, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 9000))
def test_what_is_agreed_is_spent_left_or_missing(cents_a_day: int, agreed: int) -> None:
    a_day = Decimal(cents_a_day) / 100
    amounts = judged(SHORT, [edp(agreed)], *days(SINCE, TODAY - timedelta(days=1), a_day)).amount
    year = a_day * 365
    assert abs(amounts["shortfall"].amount - max(agreed - year, Decimal(0))) < Decimal("1e-9")


def test_the_arithmetic_is_explained() -> None:
    both = "alerts: [{when: shortfall > 0 EUR, severity: info}, {when: expires_in < 30d, severity: info}]"
    asked, lake = policy("Commitment", both, name="agreed"), view([edp(4000)])
    lines = explain(only(asked, lake), asked[0], lake, freshness=[CURRENT], settings=lake_view.settings()).lines
    assert "expires_in = 287 days from 2026-03-20: commitment edp ends on 2027-01-01" in lines
    assert "spent = 760.00 EUR BilledCost of the scope, 2026-01-01 through 2026-03-17" in lines
    assert "shortfall = 4000.00 EUR - 760.00 EUR - 10.00 EUR a day × 289 days = 350.00 EUR" in lines
    assert lines[-1].startswith("reproduced")
