"""Each rule of FOCUS is violated by what it forbids, and by nothing else."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.collect.files import FocusFiles
from finops.collect.files.source import FocusFilesOptions
from finops.focus.conform import conform
from finops.focus.delivery import deliver
from finops.focus.rules import count_violations, rules
from finops.focus.schema import focus_columns
from finops.model.quality import Extent, Quality, add_qualities
from tests.support.focus_frames import bill, part
from tests.support.sample import SAMPLE

MARCH = date(2026, 3, 1)
USAGE = {
    "BilledCost": "12",
    "EffectiveCost": "12",
    "ContractedCost": "12",
    "ListCost": "18",
    "BillingAccountType": "Organisation",
    "ChargeFrequency": "Usage-Based",
    "ConsumedQuantity": "6",
    "ConsumedUnit": "Hours",
    "ContractedUnitPrice": "2",
    "ListUnitPrice": "3",
    "HostProviderName": "Acme",
    "InvoiceIssuerName": "Acme",
    "PricingCategory": "Standard",
    "PricingCurrency": "EUR",
    "PricingCurrencyEffectiveCost": "12",
    "PricingQuantity": "6",
    "PricingUnit": "Hours",
    "RegionId": "eu-1",
    "RegionName": "Europe",
    "ResourceId": "r",
    "ResourceType": "Server",
    "ServiceCategory": "Compute",
    "ServiceName": "Servers",
    "ServiceProviderName": "Acme",
    "ServiceSubcategory": "Virtual Machines",
    "SkuId": "sku",
    "SkuPriceId": "price",
    "SubAccountId": "team",
    "SubAccountType": "Project",
    "CommitmentDiscountId": None,
    "CommitmentDiscountCategory": None,
    "CommitmentDiscountType": None,
    "CommitmentDiscountStatus": None,
    "CommitmentDiscountQuantity": None,
    "CommitmentDiscountUnit": None,
    "CapacityReservationId": None,
    "CapacityReservationStatus": None,
    "ChargeClass": None,
}
COMMITTED = {
    "CommitmentDiscountId": "plan",
    "CommitmentDiscountCategory": "Spend",
    "CommitmentDiscountType": "Plan",
    "CommitmentDiscountStatus": "Used",
    "CommitmentDiscountQuantity": "12",
    "CommitmentDiscountUnit": "EUR",
    "PricingCategory": "Committed",
}
BOUGHT = {
    **COMMITTED,
    "ChargeCategory": "Purchase",
    "ChargeFrequency": "One-Time",
    "CommitmentDiscountStatus": None,
    "ConsumedQuantity": None,
    "ConsumedUnit": None,
    "EffectiveCost": "0",
}
TAX = {
    "ChargeCategory": "Tax",
    **dict.fromkeys(
        (
            *("ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory"),
            *("PricingQuantity", "PricingUnit", "SkuId", "SkuPriceId"),
        )
    ),
}


def quality(*rows: dict[str, Any]) -> Quality:
    one = conform(part(bill(*({**USAGE, **row} for row in rows))))
    return add_qualities([one.verify().quality]).get(MARCH, Quality())


@pytest.mark.parametrize("row", [{}, COMMITTED, BOUGHT, TAX, {"ChargeClass": "Correction", "ContractedCost": "1"}])
def test_rows_as_focus_wants_them_violate_nothing(row: dict[str, Any]) -> None:
    assert quality(row).violations == {}


@pytest.mark.parametrize(
    ("row", "violated"),
    [
        ({"ServiceName": None}, "ServiceName: is null"),
        ({"ServiceSubcategory": None}, "ServiceSubcategory: is null"),
        ({"ChargeFrequency": "Hourly"}, "ChargeFrequency: is not one of the allowed values"),
        ({"ServiceSubcategory": "Caching"}, "ServiceSubcategory: does not belong to the ServiceCategory"),
        ({"PricingCurrency": "Euro"}, "PricingCurrency: is not a currency code"),
        ({"PricingCategory": None}, "PricingCategory: is null in usage or a purchase"),
        ({"SkuId": None}, "SkuId: is null in usage or a purchase"),
        (TAX | {"SkuId": "tax"}, "SkuId: has a value in a tax"),
        (TAX | {"PricingQuantity": "0", "PricingUnit": "x"}, "PricingQuantity: has a value in a tax"),
        ({"PricingUnit": None}, "PricingUnit: is null beside a PricingQuantity"),
        ({"ConsumedUnit": None}, "ConsumedUnit: is null beside a ConsumedQuantity"),
        ({"RegionId": None}, "RegionName: has a value without a RegionId"),
        ({"SubAccountType": None}, "SubAccountType: is null beside a SubAccountId"),
        ({"ResourceType": None}, "ResourceType: is null beside a ResourceId"),
        ({"ConsumedQuantity": None, "ConsumedUnit": None}, "ConsumedQuantity: is null in usage"),
        (
            BOUGHT | {"ConsumedQuantity": "1", "ConsumedUnit": "x"},
            "ConsumedQuantity: has a value where nothing was used",
        ),
        (
            COMMITTED | {"CommitmentDiscountStatus": None},
            "CommitmentDiscountStatus: is null in usage with a CommitmentDiscountId",
        ),
        (
            COMMITTED | {"CommitmentDiscountQuantity": None, "CommitmentDiscountUnit": None},
            "CommitmentDiscountQuantity: is null in usage or a purchase of a commitment",
        ),
        (
            {"CapacityReservationStatus": "Used"},
            "CapacityReservationStatus: has a value without a CapacityReservationId",
        ),
        (BOUGHT | {"ChargeFrequency": "Usage-Based"}, "ChargeFrequency: is Usage-Based in a purchase"),
        (BOUGHT | {"EffectiveCost": "12"}, "EffectiveCost: is not zero in the purchase of a commitment"),
        ({"ContractedUnitPrice": "2.1"}, "ContractedCost: is not ContractedUnitPrice × PricingQuantity"),
        ({"ListUnitPrice": "2.9"}, "ListCost: is not ListUnitPrice × PricingQuantity"),
        ({"EffectiveCost": "12.01"}, "EffectiveCost: is above ContractedCost in ordinary usage"),
        ({"ContractedCost": "24", "ContractedUnitPrice": "4"}, "ContractedCost: is above ListCost in ordinary usage"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_violates_the_rule_that_it_breaks_and_no_other(row: dict[str, Any], violated: str) -> None:
    found = quality({}, row)
    cost = max(Decimal(row.get("EffectiveCost") or "12"), Decimal(12))
    assert found.violations == {violated: Extent(1, {"EUR": cost})}
    assert violated in {rule.name for rule in rules()}


def test_costs_may_differ_by_what_rounding_leaves() -> None:
    assert quality({"ContractedUnitPrice": "2.0000001", "EffectiveCost": "12.0000001"}).violations == {}


def test_what_focus_asks_for_under_conditions_may_be_absent() -> None:
    without = {name: value for name, value in USAGE.items() if focus_columns()[name].level == "Mandatory"}
    one = conform(part(bill(without)))
    found = one.verify().quality[MARCH]
    assert [name for name in found.violations if "is null" in name] == []
    assert {"SkuId", "RegionId", "HostProviderName"} & set(found.nulls) == {"SkuId", "RegionId"}


LINES = st.lists(
    st.sampled_from([{}, TAX, BOUGHT, {"SkuId": None}, {"BillingCurrency": "USD", "ServiceName": None}]),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8)
@given(LINES, LINES)
def test_what_is_counted_adds_up_however_rows_are_cut(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    both = quality(*some, *others)
    assert both == quality(*some) + quality(*others)
    assert Quality.from_json(both.to_json()) == both
    assert both.total.rows == len(some) + len(others)


def test_rows_are_counted_by_billing_period() -> None:
    april = {"BillingPeriodStart": "2026-04-01T00:00:00Z", "BillingPeriodEnd": "2026-05-01T00:00:00Z", "SkuId": None}
    rows = conform(part(bill(USAGE, USAGE | april))).rows.collect()
    found = count_violations(rows)
    assert {period: one.total.rows for period, one in found.items()} == {MARCH: 1, date(2026, 4, 1): 1}
    assert found[MARCH].violations == {}
    assert list(found[date(2026, 4, 1)].violations) == ["SkuId: is null in usage or a purchase"]
    assert count_violations(pl.DataFrame(rows.clear())) == {}


def test_the_documented_comparison_counts_the_sample() -> None:
    source = FocusFiles.from_options("sample", FocusFilesOptions(path=str(SAMPLE)), base=SAMPLE.parent)
    delivery = deliver("sample", source.discover({}).offers)
    tally = delivery.verify()
    found = {rule: one.rows for of in [sum(tally.quality.values(), Quality())] for rule, one in of.violations.items()}
    page = Path("docs/quality.md").read_text(encoding="utf-8").partition("## Compared with")[2]
    told = {
        f"{column}: {rule}": int(rows)
        for column, rule, rows in re.findall(r"(?<=[ ,|])([A-Z]\w+) ((?:is|has)[^|;]*?): (\d+) rows", page)
    }
    assert told.items() <= found.items()
    assert (len(told), len(found)) == (8, 14), "seven named, and seven more of which one is named"
    assert tally.repaired["ChargeFrequency: casing"] == 7
