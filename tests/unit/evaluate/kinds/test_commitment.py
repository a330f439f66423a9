"""Commitments: what of them is used, what they cover, and when that can be said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.finding import Severity, State
from tests.support import lake_view
from tests.support.lake_view import AS_OF, CURRENT, FakeView, days, findings, only, policies, policy, standing
from tests.unit.evaluate.kinds.worked_example import example

UTILISATION = "alerts: [{when: utilisation < 90%, severity: warning}]"
COVERAGE = "alerts: [{when: coverage < 60%, severity: info}]"
BOTH = "alerts: [{when: utilisation < 90%, severity: warning}, {when: coverage < 60%, severity: info}]"
LONG = (date(2026, 1, 1), date(2026, 3, 19))


def commitment(spec: str) -> Any:
    return policy("Commitment", spec, name="committed")


def usage(
    cost: object, status: str | None = None, pricing: str | None = "Committed", **more: Any
) -> list[dict[str, Any]]:
    columns: dict[str, Any] = {
        "ChargeCategory": "Usage",
        "PricingCategory": pricing,
        "CommitmentDiscountStatus": status,
        **more,
    }
    return days(*LONG, cost, **columns)


def test_the_worked_example_is_true() -> None:
    text, rows, reason = example("Commitment")
    finding = only(policies(text), FakeView(rows))

    assert finding.reason == reason
    assert (finding.state, finding.severity) == (State.FIRING, Severity.WARNING)
    assert finding.measures == {"coverage": 0.45, "utilisation": 0.75}
    assert {name: money.amount for name, money in finding.amount.items()} == {
        "spent": 14 * 115,
        "used": 14 * 30,
        "unused": 14 * 10,
        "covered": 14 * 45,
        "uncovered": 14 * 55,
    }


def test_purchases_taxes_and_credits_are_no_usage() -> None:
    rows = [
        *usage(9, "Used"),
        *usage(1, "Unused"),
        *days(*LONG, 500, ChargeCategory="Purchase", PricingCategory="Committed"),
        *days(*LONG, 500, ChargeCategory="Tax", CommitmentDiscountStatus="Unused"),
        *days(*LONG, -5, ChargeCategory="Credit", PricingCategory="Standard"),
    ]
    finding = only(commitment(BOTH), FakeView(rows))

    assert finding.measures == {"coverage": 1.0, "utilisation": 0.9}
    assert finding.state == State.OK


def test_coverage_is_weighed_by_the_cost_that_the_policy_names() -> None:
    rows = [*usage(30, "Used", ContractedCost=45, ListCost=60), *usage(55, pricing="Standard", ListCost=60)]

    assert only(commitment(COVERAGE), FakeView(rows)).value == 0.45
    assert only(commitment(f"coverage_by: ListCost\n{COVERAGE}"), FakeView(rows)).value == 0.5
    by_effective = only(commitment(f"coverage_by: EffectiveCost\n{COVERAGE}"), FakeView(rows))
    assert by_effective.value == pytest.approx(30 / 85)


def test_only_the_measures_that_are_asked_for_are_told() -> None:
    rows = FakeView([*usage(9, "Used"), *usage(1, "Unused")])

    assert set(only(commitment(UTILISATION), rows).measures) == {"utilisation"}
    assert set(only(commitment(COVERAGE), rows).measures) == {"coverage"}


def test_without_commitments_utilisation_has_nothing_to_say() -> None:
    rows = FakeView(usage(5, pricing="Standard"))
    alone = only(commitment(UTILISATION), rows)
    both = only(commitment(BOTH), rows)

    assert alone.state == State.UNKNOWN
    assert alone.reason == "no commitment was used or idle 2026-02-16 through 2026-03-17"
    assert (both.state, both.severity, both.value) == (State.FIRING, Severity.INFO, 0.0)


def test_covered_usage_without_the_cost_that_weighs_it_is_unknown() -> None:
    rows = FakeView([*usage(9, "Used", ContractedCost=0), *usage(5, pricing="Standard")])
    finding = only(commitment(COVERAGE), rows)

    assert finding.state == State.UNKNOWN
    assert finding.reason == "no ContractedCost on 270.00 EUR of covered usage; see 'coverage_by'"


def test_what_is_left_out_is_told() -> None:
    rows = FakeView([*usage(9, "Used"), *usage(2, "Used", ContractedCost=0), *usage(3, pricing=None)])
    finding = only(commitment(COVERAGE), rows)

    assert finding.notes == (
        "90.00 EUR of usage without a PricingCategory is left out of coverage",
        (
            "covered usage has 330.00 EUR EffectiveCost and only 270.00 EUR ContractedCost: "
            "rows may lack ContractedCost, and coverage be higher"
        ),
    )


def test_each_group_has_its_own_verdict() -> None:
    rows = [
        *usage(5, "Used", SubAccountId="1"),
        *usage(5, "Unused", SubAccountId="1"),
        *usage(5, "Used", SubAccountId="2"),
        *usage(5, pricing="Standard", SubAccountId="3"),
    ]
    each = findings(commitment(f"group_by: [SubAccountId]\n{UTILISATION}"), FakeView(rows))

    assert [(finding.group["SubAccountId"], finding.state) for finding in each] == [
        ("1", State.FIRING),
        ("2", State.OK),
        ("3", State.UNKNOWN),
    ]


def test_explain_shows_the_four_sums_and_both_divisions() -> None:
    asked, view = commitment(BOTH), FakeView([*usage(3, "Used"), *usage(1, "Unused"), *usage(1, pricing="Standard")])
    lines = explain(only(asked, view), asked[0], view, freshness=[CURRENT], settings=lake_view.settings()).lines

    assert "utilisation = 90.00 EUR ÷ 120.00 EUR = 0.750000" in lines
    assert "coverage = 90.00 EUR ÷ 120.00 EUR = 0.750000" in lines
    assert lines[-1].startswith("reproduced")


rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(40, 78).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
            "cost": st.decimals(0, 1000, places=4),
            "ChargeCategory": st.sampled_from(["Usage", "Purchase"]),
            "PricingCategory": st.sampled_from(["Standard", "Committed", "Dynamic", None]),
            "CommitmentDiscountStatus": st.sampled_from(["Used", "Unused", None]),
        }
    ),
    max_size=30,
)


@examples(max_examples=40, deadline=None)
@given(data=rows, cut=st.integers(40, 79))
def test_data_that_stops_coming_never_turns_firing_into_ok_without_a_reason(
    data: list[dict[str, Any]], cut: int
) -> None:
    last = date(2026, 1, 1) + timedelta(days=cut)
    stopped = standing(through=datetime(last.year, last.month, last.day, tzinfo=UTC), delivered=AS_OF)
    whole = only(commitment(BOTH), FakeView(data))
    torn = only(commitment(BOTH), FakeView([row for row in data if row["day"] < last]), freshness=[stopped])

    assert torn.state != State.UNKNOWN or torn.reason
    if torn.state == State.OK and whole.state == State.FIRING:
        assert last > date(2026, 3, 16), "only what nobody can have delivered yet may be missing from an ok"


@examples(max_examples=40, deadline=None)
@given(data=rows)
def test_shares_are_between_nothing_and_all(data: list[dict[str, Any]]) -> None:
    finding = only(commitment(BOTH), FakeView(data))

    assert all(0 <= value <= 1 for value in finding.measures.values())
