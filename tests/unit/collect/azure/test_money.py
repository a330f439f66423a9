"""What Azure's own files say of quantities, prices and commitments, and the amounts that they become."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.collect.azure.native import View, as_focus, is_cost_details
from finops.collect.azure.repairs import is_azure_focus, repaired
from finops.collect.files import FocusFiles
from finops.collect.files.source import FocusFilesOptions
from finops.focus.conform import conform
from finops.focus.delivery import deliver
from finops.ports.source import Part
from tests.unit.collect.azure.focus_rows import blob, columns, line
from tests.unit.collect.azure.native_rows import EA, MCA, PLAN, RESERVATION, native

TOKENS = {"MeterCategory": "Foundry Models", "MeterName": "gpt 4o 0806 Inp glbl Tokens"}


def as_native(*rows: dict[str, str], view: View | None = None) -> list[dict[str, Any]]:
    raw = pl.LazyFrame(list(rows))
    return conformed(as_focus(raw, "bill.csv", view))


def as_export(*rows: dict[str, Any], typed: bool = True) -> list[dict[str, Any]]:
    types = columns("1.2-preview")
    frame = pl.DataFrame({name: pl.Series([row.get(name) for row in rows]) for name in types}, strict=False)
    frame = frame.with_columns(pl.col(name).cast(dtype) for name, dtype in types.items() if dtype == pl.Decimal)
    moments = [name for name, dtype in types.items() if dtype == pl.Datetime]
    text = frame.with_columns(
        pl.col(name).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in moments
    )
    return conformed(repaired(frame.lazy() if typed else text.cast(pl.String).lazy())[0])


def conformed(frame: pl.LazyFrame) -> list[dict[str, Any]]:
    part = conform(Part("bill.csv", lambda: frame, dict))
    rows = part.rows.collect()
    part.verify()
    return rows.to_dicts()


@pytest.mark.parametrize(
    ("measure", "quantity", "cost", "in_blocks", "in_units"),
    [
        # the first two: a real enterprise agreement's rows
        ("10K", "0.7974", "0.0035883", "0.7974", "7974"),
        ("1K", "0.428", "0.47936", "0.428", "428"),
        ("100 Hours", "0.24", "4.8", "0.24", "24"),
        ("100 Hours", "24", "4.8", "0.24", "24"),
        ("10K", "7974", "0.0035883", "0.7974", "7974"),
        ("1M", "2.5", "5", "2.5", "2500000"),
        ("1M", "2500000", "5", "2.5", "2500000"),
        ("10 Hours", "2.4", "4.8", "2.4", "24"),
        ("10 Hours", "24", "4.8", "2.4", "24"),
        ("10K", "-0.5", "-1.5", "-0.5", "-5000"),
        ("1 Hour", "24", "4.8", "24", "24"),
    ],
)
def test_each_rows_own_cost_says_whether_its_quantity_counts_blocks(
    measure: str, quantity: str, cost: str, in_blocks: str, in_units: str
) -> None:
    price = str(Decimal(cost) / Decimal(in_blocks))
    given = {"UnitOfMeasure": measure, "Quantity": quantity, "UnitPrice": price, "PayGPrice": price}
    (row,) = as_native(native(cost, **given))
    assert row["PricingQuantity"] == Decimal(in_blocks)
    assert row["ConsumedQuantity"] == Decimal(in_units)
    assert row["ContractedCost"] == pytest.approx(Decimal(cost), rel=Decimal("1e-9"))
    assert row["ListCost"] == row["ContractedCost"]


@pytest.mark.parametrize(("quantity", "cost"), [("0.24", "1.4"), ("24", "1.4")])
def test_a_commitments_discount_does_not_look_like_a_block(quantity: str, cost: str) -> None:
    reserved = {"PricingModel": "Reservation", "benefitId": RESERVATION, "Quantity": quantity}
    (row,) = as_native(native(cost, **reserved), view=View.AMORTISED)
    assert (row["PricingQuantity"], row["ContractedCost"], row["ListCost"]) == (
        Decimal("0.24"), Decimal("4.8"), Decimal(6),
    )  # fmt: skip
    assert (row["EffectiveCost"], row["BilledCost"]) == (Decimal("1.4"), 0)


def test_a_customer_agreements_list_cost_tells_even_where_nothing_was_charged() -> None:
    given = {"UnitOfMeasure": "10K", "Quantity": "3", "UnitPrice": "2", "PayGPrice": "4"}
    given |= {"exchangeRatePricingToBilling": "0.5", "paygCostInBillingCurrency": "6", "pricingCurrency": "USD"}
    (row,) = as_native(native("0", MCA, **given))
    assert (row["PricingQuantity"], row["ConsumedQuantity"]) == (3, 30_000)
    assert (row["ListUnitPrice"], row["ListCost"], row["ContractedCost"]) == (2, 6, 3)
    assert row["PricingCurrency"] == "USD"


@pytest.mark.parametrize(("quantity", "tokens"), [("5000", 5_000_000), ("5000000", 5_000_000)])
def test_tokens_are_counted_one_by_one(quantity: str, tokens: int) -> None:
    given = {"UnitOfMeasure": "1K", "Quantity": quantity, "UnitPrice": "0.0025", "PayGPrice": "0.0025"}
    (row,) = as_native(native("12.5", **given, **TOKENS))
    assert row["x_AiTokens"] == tokens


def test_a_tax_has_no_quantity_and_no_price() -> None:
    (row,) = as_native(native("19", ChargeType="Tax", Quantity="0", UnitPrice="0", PayGPrice="0", PricingModel=""))
    assert [row[name] for name in ("PricingQuantity", "PricingUnit", "ListUnitPrice", "ContractedUnitPrice")] == [
        None
    ] * 4
    assert {row[name] for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")} == {Decimal(19)}


def test_columns_that_cost_details_can_fill() -> None:
    database = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/one/databases/two"
    ours, sold = as_native(
        native("1", ResourceId=database),
        native("2", PublisherType="Marketplace", ResourceId=""),
    )
    assert (ours["ResourceType"], ours["PricingCurrency"]) == ("microsoft.sql/servers/databases", "EUR")
    assert (ours["HostProviderName"], sold["HostProviderName"], sold["ResourceType"]) == ("Microsoft", None, None)


BOUGHT = {"ChargeType": "Purchase", "Frequency": "UsageBased"}
PLANNED = {"PricingModel": "SavingsPlan", "benefitId": PLAN}


@pytest.mark.parametrize(
    "of",
    [
        {**BOUGHT, **PLANNED},
        {**BOUGHT, "PricingModel": "Reservation", "ReservationId": "R1"},
        {**BOUGHT, "PricingModel": "", "benefitId": PLAN},
        {**BOUGHT, "PricingModel": "SavingsPlan"},
        {**BOUGHT, **PLANNED, "ChargeType": "Refund"},
    ],
    ids=["plan", "reservation", "model missing", "id missing", "refund"],
)
def test_what_is_bought_or_given_back_of_a_commitment_costs_nothing_by_itself(of: dict[str, str]) -> None:
    """Amortised cost holds purchases of savings plans by mistake."""
    used = native("24", **PLANNED)
    rows = as_native(used, native("744", **of))
    assert [row["EffectiveCost"] for row in rows] == [24, 0]
    assert (rows[1]["BilledCost"], rows[1]["ChargeFrequency"]) == (744, "Recurring")
    (row,) = as_native(native("744", **of), view=View.ACTUAL)
    assert (row["BilledCost"], row["EffectiveCost"]) == (744, 0)


def test_an_actual_file_alone_keeps_what_was_paid_for_a_commitment() -> None:
    rows = as_native(native("0", **PLANNED), native("744", **BOUGHT, **PLANNED))
    assert [row["EffectiveCost"] for row in rows] == [0, 744]


LOCALISED = {
    "Kosten in Abrechnungswährung (CostInBillingCurrency)": "CostInBillingCurrency",
    "课金货币（BillingCurrencyCode）": "BillingCurrencyCode",
    "Datum (Date)": "Date",
    "Type de frais [ChargeType]": "ChargeType",
}


def test_headers_in_the_portals_language_are_read_by_the_name_in_brackets() -> None:
    plain = native("1.5")
    foreign = {own: name for name, own in LOCALISED.items()}
    row = {foreign.get(name, name): value for name, value in plain.items()}
    assert is_cost_details(row)
    assert as_native(row) == as_native(plain)


def test_headers_of_a_focus_export_in_the_portals_language() -> None:
    types = columns("1.2-preview")
    raw = pl.LazyFrame([line("1.5")]).rename({"BilledCost": "Abgerechnete Kosten (BilledCost)"})
    assert is_azure_focus([f"Wort ({name})" for name in types])
    assert repaired(raw)[0].collect()["BilledCost"].to_list() == [Decimal("1.5")]


def test_what_kind_of_file_it_is() -> None:
    assert is_cost_details(EA)
    assert is_cost_details(MCA)
    assert not is_cost_details(columns("1.0"))
    assert is_azure_focus(columns("1.0"))
    assert not is_azure_focus(EA)
    assert not is_azure_focus(["BilledCost", "EffectiveCost", "ChargeCategory"])


@pytest.mark.parametrize("typed", [True, False], ids=["parquet", "csv"])
@pytest.mark.parametrize("category", ["Purchase", "purchase "])
@pytest.mark.parametrize("cost", ["744", "-100"], ids=["bought", "given back"])
def test_a_focus_exports_commitments_count_once(cost: str, category: str, typed: bool) -> None:
    bought = line(
        cost, ChargeCategory=category, ChargeFrequency="Usage-Based", CommitmentDiscountId=PLAN,
        x_EffectiveCostInUsd=Decimal(cost),
    )  # fmt: skip
    other = line("9", ChargeCategory="Purchase", ChargeFrequency="Usage-Based")
    rows = as_export(bought, other, typed=typed)
    assert [row["EffectiveCost"] for row in rows] == [0, 9]
    assert [row["BilledCost"] for row in rows] == [Decimal(cost), 9]
    assert [row["ChargeFrequency"] for row in rows] == ["Recurring", "Usage-Based"]
    assert Decimal(rows[0]["x_EffectiveCostInUsd"]) == 0


TWICE: dict[str, Any] = {
    "ListCost": Decimal("0.000015"), "ListUnitPrice": Decimal("0.05"), "ContractedUnitPrice": Decimal("0.05"),
    "ContractedCost": Decimal("0.0000000015"), "PricingQuantity": Decimal("0.00000003"),
    "ConsumedQuantity": Decimal("0.0003"), "x_PricingBlockSize": Decimal(10_000),
}  # fmt: skip
"""A real row of the export."""


@pytest.mark.parametrize("typed", [True, False], ids=["parquet", "csv"])
def test_a_focus_export_that_divides_by_the_block_twice(typed: bool) -> None:
    (row,) = as_export(line("0.000015", **TWICE), typed=typed)
    assert (row["PricingQuantity"], row["ConsumedQuantity"]) == (Decimal("0.0003"), 3)
    assert row["ContractedCost"] == row["ListCost"] == row["BilledCost"]


def test_a_focus_export_whose_list_cost_is_short_too() -> None:
    (row,) = as_export(line("0.000015", **{**TWICE, "ListCost": Decimal("0.0000000015")}))
    assert row["ListCost"] == row["BilledCost"]


def test_prices_in_another_currency_leave_the_quantity_to_the_contracted_cost() -> None:
    yen: dict[str, Any] = {"BillingCurrency": "JPY", "PricingCurrency": "USD", "x_PricingBlockSize": Decimal(100)}
    right: dict[str, Any] = {
        "ContractedUnitPrice": Decimal(2),
        "PricingQuantity": Decimal(5),
        "ContractedCost": Decimal(1500),
    }
    (row,) = as_export(line("1500", **yen, **right))
    assert (row["PricingQuantity"], row["ContractedCost"]) == (5, 1500)


def test_a_right_block_stays_as_it_is() -> None:
    right: dict[str, Any] = {
        "PricingQuantity": Decimal("0.24"),
        "ConsumedQuantity": Decimal(24),
        "x_PricingBlockSize": Decimal(100),
    }
    (row,) = as_export(line("4.8", **right, ContractedUnitPrice=Decimal(20), ListUnitPrice=Decimal(20)))
    assert (row["PricingQuantity"], row["ConsumedQuantity"], row["ContractedCost"]) == (
        Decimal("0.24"), 24, Decimal("4.8"),
    )  # fmt: skip


def test_a_focus_export_is_the_same_among_focus_files(tmp_path: Path) -> None:
    bought = line("744", ChargeCategory="Purchase", CommitmentDiscountId=PLAN, ChargeFrequency="Usage-Based")
    (tmp_path / "azure.parquet").write_bytes(blob([bought], "parquet"))
    files = FocusFiles.from_options("files", FocusFilesOptions(path="azure.parquet"), base=tmp_path)
    delivered = deliver("files", files.discover({}).offers)
    (row,) = delivered.rows.collect().to_dicts()
    assert (row["BilledCost"], row["EffectiveCost"], row["ChargeFrequency"]) == (744, 0, "Recurring")
    assert delivered.verify().repaired["EffectiveCost: that of a commitment purchase or refund, set to 0"] == 1


def test_a_focus_exports_tax_has_no_quantity(tmp_path: Path) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("PricingQuantity", "ListUnitPrice", "ContractedUnitPrice"), Decimal(0))
    (row,) = as_export(line("19", ChargeCategory="Tax", **nothing))
    assert [row[name] for name in nothing] == [None, None, None]
