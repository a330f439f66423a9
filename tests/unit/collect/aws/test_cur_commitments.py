"""Laws over the whole life of savings plans and reservations, with and without private discounts, kept and given back.

``FINOPS_COMMITMENTS=2000 pytest tests/unit/collect/aws/test_cur_commitments.py`` looks at as many synthetic ones.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import polars as pl
from hypothesis import given, settings

from finops.app.collection.all import collect_all
from finops.app.container import open_container
from tests.support.bills import StoppedClock
from tests.unit.collect.aws.commitments import Plan, Reservation, bills
from tests.unit.collect.aws.cur_rows import PLAN, RESERVATION, as_csv, as_parquet, row
from tests.unit.collect.aws.test_cur_line_items import focus

SIZE = 20
BILLS = max(1, int(os.environ.get("FINOPS_COMMITMENTS", "100")) // SIZE)
ROUNDED = 1e-9


@settings(max_examples=BILLS)
@given(bills(size=SIZE))
def test_what_was_used_and_not_used_costs_what_was_billed(bill: list[Plan | Reservation]) -> None:
    """The law that lets a commitment be bought in one month and used in another without counting twice."""
    lines = [line for commitment in bill for line in commitment.lines()]
    for form in (as_parquet, as_csv):
        rows = focus(form(lines))
        of_commitments = rows.filter(pl.col("CommitmentDiscountId").is_not_null())
        lives = of_commitments.group_by("CommitmentDiscountId").agg(pl.col("BilledCost", "EffectiveCost").sum())
        assert lives.filter(pl.col("BilledCost") != pl.col("EffectiveCost")).is_empty()
        assert set(lives["CommitmentDiscountId"]) == {commitment.arn for commitment in bill if commitment.lines()}
        bought = rows.filter(pl.col("ChargeCategory") == "Purchase")
        assert bought.filter(pl.col("EffectiveCost") != 0).is_empty()
        unused = rows.filter(pl.col("CommitmentDiscountStatus") == "Unused")
        assert unused.filter(pl.col("BilledCost") != 0).is_empty()


@settings(max_examples=max(1, BILLS // 4))
@given(bills(size=SIZE))
def test_costs_follow_from_prices_and_quantities_and_fall_with_each_discount(bill: list[Plan | Reservation]) -> None:
    rows = focus(as_parquet([line for commitment in bill for line in commitment.lines()]))
    for kind in ("Contracted", "List"):
        cost = pl.col(f"{kind}Cost").cast(pl.Float64)
        price = pl.col(f"{kind}UnitPrice").cast(pl.Float64)
        difference = price * pl.col("PricingQuantity").cast(pl.Float64) - cost
        assert rows.filter(difference.abs() > ROUNDED + 1e-9 * cost.abs()).is_empty()
    usage = rows.filter(pl.col("CommitmentDiscountStatus") == "Used")
    assert usage.filter(
        (pl.col("ListCost") < pl.col("ContractedCost")) | (pl.col("ContractedCost") < pl.col("EffectiveCost"))
    ).is_empty()
    bought_or_used = rows.filter(
        pl.col("ChargeCategory").is_in(["Purchase", "Usage"]) & (pl.col("x_LineItemType") != "SavingsPlanNegation")
    )
    assert not bought_or_used["PricingQuantity"].null_count()
    assert not bought_or_used["ContractedUnitPrice"].null_count()


_TERMS = {
    PLAN: ("savings_plan", "2026-01-15T08:00:00.000Z", "2029-01-14T07:59:59.000Z"),
    RESERVATION: ("reservation", "2025-06-01T00:00:00.000Z", "2026-05-31T23:59:59.000Z"),
}
_LINES: dict[str, tuple[str, float]] = {
    "SavingsPlanRecurringFee": (PLAN, 24.0),
    "SavingsPlanUpfrontFee": (PLAN, 100.0),
    "SavingsPlanCoveredUsage": (PLAN, 3.0),
    "RIFee": (RESERVATION, 12.0),
    "DiscountedUsage": (RESERVATION, 0.0),
}


def test_a_collected_report_tells_the_terms_of_its_commitments_and_what_was_billed_for_them(tmp_path: Path) -> None:
    lines = [
        row(
            line_item_line_item_type=kind,
            line_item_unblended_cost=cost,
            savings_plan_savings_plan_a_r_n=arn if arn == PLAN else "",
            reservation_reservation_a_r_n=arn if arn == RESERVATION else "",
        )
        for kind, (arn, cost) in _LINES.items()
    ]
    refund = row(
        line_item_line_item_type="Refund",
        line_item_unblended_cost=-100.0,
        line_item_product_code="ComputeSavingsPlans",
        line_item_line_item_description="Refund for one-time fee for Savings Plan ID: 1111",
    )
    owners = [arn for arn, _ in _LINES.values()]
    terms = {
        f"{prefix}_{end}_time": [value if arn == owner else None for owner in owners] + [None]
        for arn, (prefix, *moments) in _TERMS.items()
        for end, value in zip(("start", "end"), moments, strict=True)
    }
    (tmp_path / "bills").mkdir()
    as_csv([*lines, refund]).with_columns(
        pl.Series(name, texts, pl.String) for name, texts in terms.items()
    ).with_columns(pl.lit("000123456789").alias("line_item_usage_account_id")).write_csv(tmp_path / "bills" / "cur.csv")
    (tmp_path / "finops.yaml").write_text(
        "apiVersion: finops/v1\npolicies: []\nlake: ./lake\nstate: sqlite:///state.db\ncurrency: USD\n"
        "sources:\n  aws: {kind: focus-files, path: ./bills}\n"
    )
    container = open_container(tmp_path / "finops.yaml", StoppedClock())
    try:
        assert collect_all(container.collectors).exit_status == 0
        known = container.lake.at(container.lake.version()).commitments().collect()
    finally:
        container.close()
    found = {one["ContractCommitmentId"]: one for one in known.to_dicts()}
    assert found.keys() == _TERMS.keys()
    for arn, (_, start, end) in _TERMS.items():
        assert found[arn]["ContractCommitmentPeriodStart"] == datetime.fromisoformat(start)
        assert found[arn]["ContractCommitmentPeriodEnd"] == datetime.fromisoformat(end)
    assert (found[PLAN]["BilledCost"], found[RESERVATION]["BilledCost"]) == (24, 12), "the refund gives the fee back"
    assert found[PLAN]["ContractCommitmentType"] == "Savings Plan"
