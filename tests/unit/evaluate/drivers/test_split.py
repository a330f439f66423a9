"""Volume, price and mix of a change, by hand and as laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.finding import Change, Driver, Finding
from finops.model.money import EXACT
from tests.support import lake_view
from tests.support.lake_view import CURRENT, budget, findings, only, policy
from tests.unit.evaluate.drivers.priced_view import PricedView, use

FEBRUARY, MARCH = date(2026, 2, 15), date(2026, 3, 1)
SPEC = "period: {from: 2026-03-01, to: 2026-04-01}\namount: 0.01 EUR\nalerts: [{when: spent > 1%, severity: info}]"
"""The 17 settled days of March against the 17 days before it (12 February on)."""


def change_of(*rows: list[dict[str, Any]]) -> Change:
    finding = only(budget(SPEC), PricedView([row for some in rows for row in some]))
    assert finding.change is not None
    return finding.change


def parts(change: Change) -> dict[str, Decimal]:
    return {name: getattr(change, name) for name in ("volume", "price", "mix", "other")}


BEFORE = date(2026, 2, 12)


def test_by_hand_volume_price_and_mix() -> None:
    """Small at 1 and large at 3: from 10 + 10 hours a day to 10 + 20, and large costs 4 now."""
    change = change_of(
        use("small", BEFORE, 17, 1, 10),
        use("large", BEFORE, 17, 3, 10),
        use("small", MARCH, 17, 1, 10),
        use("large", MARCH, 17, 4, 20),
    )

    assert (change.before_amount, change.after_amount) == (40 * 17, 90 * 17)
    # volume: 30 hours at the mean 2 instead of 20; price: 20 hours dearer by 1; mix: the 10 more were all large
    assert parts(change) == {"volume": 20 * 17, "price": 20 * 17, "mix": 10 * 17, "other": 0}
    assert (change.before_days, change.after_days) == (17, 17)
    assert (change.before.start, change.before.end) == (BEFORE, MARCH)


@pytest.mark.parametrize(
    ("more", "after"),
    [
        ({"ChargeCategory": "Purchase"}, 10),
        ({"ChargeCategory": "Tax"}, 10),
        ({"CommitmentDiscountStatus": "Unused"}, 10),
        ({"SkuPriceId": None, "SkuId": None}, 10),
        ({"PricingQuantity": None}, 10),
        ({"PricingQuantity": -1}, 10),
        ({"PricingQuantity": 0}, 10),
    ],
)
def test_rows_without_a_quantity_of_use_are_other(more: dict[str, Any], after: int) -> None:
    change = change_of(use("a", BEFORE, 17, 1, 5, **more), use("a", MARCH, 17, 1, after, **more))

    assert parts(change) == {"volume": 0, "price": 0, "mix": 0, "other": 5 * 17}


def test_quantities_of_another_unit_are_not_added_up() -> None:
    change = change_of(
        use("a", BEFORE, 17, 1, 10),
        use("b", BEFORE, 17, 1, 1000, PricingUnit="GB"),
        use("a", MARCH, 17, 1, 20),
        use("b", MARCH, 17, 1, 1000, PricingUnit="GB"),
    )

    assert parts(change) == {"volume": 170, "price": 0, "mix": 0, "other": 0}


def test_consumed_quantities_serve_where_pricing_ones_are_missing() -> None:
    used = {"PricingQuantity": None, "PricingUnit": None, "ConsumedUnit": "Hours"}
    change = change_of(
        use("a", BEFORE, 17, 1, 10, **used, ConsumedQuantity=10),
        use("a", MARCH, 17, 2, 10, **used, ConsumedQuantity=10),
    )

    assert parts(change) == {"volume": 0, "price": 170, "mix": 0, "other": 0}


def test_what_is_new_is_volume_and_what_is_gone_is_its_loss() -> None:
    assert parts(change_of(use("b", BEFORE, 17, 1, 1, ServiceName="x"), use("a", MARCH, 17, 2, 3))) == {
        "volume": (6 - 1) * 17,
        "price": 0,
        "mix": 0,
        "other": 0,
    }


def test_a_quantity_that_explodes_leaves_no_price_to_compare() -> None:
    change = change_of(use("a", BEFORE, 17, 1, "0.000000000000001"), use("a", MARCH, 17, "0.000001", 10**15))

    assert parts(change)["other"] == change.total


cells = st.fixed_dictionaries(
    {
        "day": st.integers(0, 33).map(lambda n: BEFORE + timedelta(days=n)),
        "cost": st.decimals(-100, 10_000, places=15),
        "PricingQuantity": st.none() | st.decimals(-5, 1_000_000, places=9),
        "PricingUnit": st.sampled_from(["Hours", "GB", None]),
        "SkuPriceId": st.sampled_from(["a", "b", "c", None]),
        "SkuId": st.sampled_from(["a", "b"]),
        "ServiceName": st.sampled_from(["vm", "db", None, "<script>alert(1)</script>\n"]),
        "RegionId": st.sampled_from(["eu", "us", None]),
        "ResourceId": st.sampled_from(["r1", "r2", "r3", "r4", "r5", None]),
        "SubAccountId": st.sampled_from(["0001", "0002"]),
        "ChargeCategory": st.sampled_from(["Usage", "Usage", "Usage", "Tax"]),
        "team": st.sampled_from(["x", "y", None]),
    }
)
bills = st.lists(cells, max_size=40)
GROUPED = budget("group_by: [team]\n" + SPEC)


def known(data: list[dict[str, Any]]) -> PricedView:
    """With a row on the first day before, so that all days before are known, in every group."""
    return PricedView([*data, *({"day": BEFORE, "cost": 0, "team": team} for team in ("x", "y", None))])


@settings(max_examples=60, deadline=None)
@given(bills)
def test_parts_add_up_to_the_change_exactly(data: list[dict[str, Any]]) -> None:
    for finding in findings(GROUPED, known(data)):
        if finding.change is None:
            continue
        with localcontext(EXACT):
            assert sum(parts(finding.change).values()) == finding.change.total
            assert finding.change.after_amount - finding.change.before_amount == finding.change.total
        for driver in finding.drivers:
            assert driver.change != 0
            with localcontext(EXACT):
                assert driver.volume + driver.price + driver.mix + driver.other == driver.change  # type: ignore[operator]


@settings(max_examples=40, deadline=None)
@given(bills)
def test_groups_add_up_to_the_whole_and_their_amounts_are_the_bills(data: list[dict[str, Any]]) -> None:
    view = known(data)
    whole = only(budget(SPEC), view)
    each = findings(GROUPED, view)
    if whole.change is None or any(finding.change is None for finding in each):
        return  # a group that spent nothing does not fire
    with localcontext(EXACT):
        assert sum(finding.change.total for finding in each if finding.change) == whole.change.total
        settled = [row["cost"] for row in data if MARCH <= row["day"] <= date(2026, 3, 17)]
        assert whole.change.after_amount == sum(settled, Decimal(0))


@settings(max_examples=30, deadline=None)
@given(data=bills, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_other_verdicts_change_nothing(data: list[dict[str, Any]], order: Any) -> None:
    shuffled = list(data)
    order.shuffle(shuffled)
    one_by_one = [drove(finding) for finding in findings(GROUPED, known(data))]
    others = budget("scope: ServiceName = 'vm' AND ResourceId IS NOT NULL\n" + SPEC, name="a")
    together = findings([*GROUPED, *others], known(shuffled))

    assert [drove(finding) for finding in together if finding.policy == "p"] == one_by_one


def drove(finding: Finding) -> tuple[Change | None, tuple[Driver, ...]]:
    return finding.change, finding.drivers


@settings(max_examples=15, deadline=None)
@given(bills)
def test_a_driven_finding_is_reproduced(data: list[dict[str, Any]]) -> None:
    for finding in findings(GROUPED, known(data)):
        assert Finding.from_json(finding.to_json()) == finding
        under = lake_view.settings()
        again = explain(finding, GROUPED[0], known(data), freshness=[CURRENT], settings=under)
        assert again.reproduced, again.lines[-1]


def test_an_allocation_is_about_what_nobody_owns() -> None:
    spec = "dimension: team\nwindow: 7d\nalerts: [{when: allocated < 95%, severity: info}]"
    rows = [
        *use("a", date(2026, 2, 1), 60, 1, 100, team="x"),
        *use("a", date(2026, 2, 1), 60, 1, 5),
        *use("a", date(2026, 3, 11), 60, 1, 5, team="unallocated", ServiceName="db"),
    ]
    finding = only(policy("Allocation", spec, name="a"), PricedView(rows))

    assert finding.change is not None
    assert finding.change.of == "spend without a team"
    assert (finding.change.before_amount, finding.change.after_amount) == (35, 70)
    assert [(driver.by, driver.value, driver.change) for driver in finding.drivers] == [("ServiceName", "db", 35)]
