"""Converted bills against the rules of FOCUS: columns that stay null and rules that are violated are documented."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from finops.collect.aws.cur import CurConversion
from finops.collect.azure.native import View, as_focus
from finops.focus.conform import conform
from finops.model.quality import Quality
from finops.ports.source import Part
from tests.unit.collect.aws.cur_rows import PLAN, RESERVATION, as_parquet, row
from tests.unit.collect.azure.native_rows import EA, MCA, native
from tests.unit.collect.azure.native_rows import PLAN as AZURE_PLAN
from tests.unit.collect.azure.native_rows import RESERVATION as AZURE_RESERVATION

PAGE = Path(__file__).parents[3] / "docs" / "quality.md"
PLANNED = {"savings_plan_savings_plan_a_r_n": PLAN}
FEE = {"line_item_resource_id": "", "pricing_public_on_demand_cost": 0.0, "pricing_public_on_demand_rate": ""}
CUR = [
    row(),
    row(
        line_item_line_item_type="DiscountedUsage",
        line_item_unblended_cost=0.0,
        reservation_reservation_a_r_n=RESERVATION,
        reservation_effective_cost=1.2,
    ),
    row(line_item_line_item_type="SavingsPlanCoveredUsage", savings_plan_savings_plan_effective_cost=1.8, **PLANNED),
    row(line_item_line_item_type="SavingsPlanNegation", line_item_unblended_cost=-2.4, **PLANNED),
    row(
        line_item_line_item_type="SavingsPlanRecurringFee",
        line_item_unblended_cost=1.8,
        savings_plan_total_commitment_to_date=1.8,
        savings_plan_used_commitment=1.8,
        **PLANNED,
        **FEE,
    ),
    row(line_item_line_item_type="Tax", product_sku="", pricing_rate_code="", pricing_unit="", **FEE),
    row(line_item_line_item_type="Credit", line_item_unblended_cost=-1.0),
]


def azure(agreement: tuple[str, ...]) -> list[dict[str, str]]:
    account = {
        "BillingAccountId": "0086034127",
        "BillingAccountName": "Contoso",
        "BillingProfileId": "BP",
        "BillingProfileName": "Shop",
    }
    return [
        native("4.8", agreement, ProductId="P1", EffectivePrice="0.2", **account),
        native("1", agreement, ProductId="P1", ChargeType="Purchase", Frequency="OneTime", ResourceId="", **account),
        native("1", agreement, ChargeType="Tax", Quantity="0", ResourceId="", MeterId="", MeterName="", **account),
        native(
            "2",
            agreement,
            ProductId="P1",
            ReservationId=AZURE_RESERVATION,
            ReservationName="R",
            PricingModel="Reservation",
            **account,
        ),
        native(
            "3", agreement, ProductId="P1", benefitId=AZURE_PLAN, benefitName="P", PricingModel="SavingsPlan", **account
        ),
    ]


def quality(name: str) -> Quality:
    def rows() -> pl.LazyFrame:
        if name == "CUR 2.0":
            frame = as_parquet(CUR)
            return CurConversion(name, frame.schema).rows(frame.lazy())
        frame = pl.DataFrame(azure(MCA if "Customer" in name else EA))
        return as_focus(frame.lazy(), name, View.AMORTISED_ALONE)

    return sum(conform(Part(name, rows)).verify().quality.values(), Quality())


def documented(heading: str) -> dict[str, set[str]]:
    """bill -> what the table under ``heading`` names for it."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    for what, bills in re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE):
        for bill in re.findall(r"CUR 2\.0|Azure EA|Azure Customer Agreement", bills):
            found.setdefault(bill, set()).update(part.strip() for part in re.split(r", (?=[A-Z])", what))
    return found


@pytest.mark.parametrize("name", ["CUR 2.0", "Azure EA", "Azure Customer Agreement"])
def test_what_stays_null_or_violates_a_rule_is_documented_with_its_reason(name: str) -> None:
    found = quality(name)
    always = {column for column, count in found.nulls.items() if count == found.total.rows}
    assert documented("What stays null, and why").get(name) == always
    assert documented("Rules that conversions violate").get(name, set()) == set(found.violations)
