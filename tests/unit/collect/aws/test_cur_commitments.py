"""Laws over the whole life of savings plans and reservations, with and without private discounts, kept and given back.

``FINOPS_COMMITMENTS=2000 pytest tests/unit/collect/aws/test_cur_commitments.py`` looks at as many synthetic ones.
"""

from __future__ import annotations

import os

import polars as pl
from hypothesis import given, settings

from tests.unit.collect.aws.commitments import Commitment, bills
from tests.unit.collect.aws.cur_rows import as_csv, as_parquet
from tests.unit.collect.aws.test_cur_line_items import focus

SIZE = 20
BILLS = max(1, int(os.environ.get("FINOPS_COMMITMENTS", "100")) // SIZE)
ROUNDED = 1e-9


@settings(max_examples=BILLS)
@given(bills(size=SIZE))
def test_what_was_used_and_not_used_costs_what_was_billed(bill: list[Commitment]) -> None:
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
def test_costs_follow_from_prices_and_quantities_and_fall_with_each_discount(bill: list[Commitment]) -> None:
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
