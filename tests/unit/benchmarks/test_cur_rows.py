"""Reports for finops and for its peer hold the same lines, and add up as AWS has it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks import cur_rows, rows

COUNT = 600


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "RESOURCES", 200)
    monkeypatch.setattr(cur_rows, "DATA", tmp_path)
    monkeypatch.setattr(rows, "CHUNK_ROWS", 300)


def test_parquet_and_both_forms_of_csv_hold_the_same_lines() -> None:
    parquet = pl.read_parquet(cur_rows.ensure(COUNT, "parquet-2") / "*.parquet")
    csv, legacy = (
        pl.read_csv(cur_rows.ensure(COUNT, layout) / "*.csv.gz", infer_schema=False)
        for layout in ("csv-1", "legacy-csv-1")
    )

    assert parquet.height == COUNT
    assert csv["line_item_unblended_cost"].cast(pl.Float64).equals(parquet["line_item_unblended_cost"])
    assert legacy.columns == [cur_rows.legacy_name(name) for name in csv.columns]
    assert legacy.rows() == csv.rows()


def test_the_negation_takes_out_what_covered_usage_costs_on_demand() -> None:
    report = pl.read_parquet(cur_rows.ensure(COUNT, "parquet-2") / "*.parquet")

    offset = report.filter(pl.col("line_item_line_item_type").str.starts_with("SavingsPlan"))

    assert set(offset["line_item_line_item_type"]) == {"SavingsPlanCoveredUsage", "SavingsPlanNegation"}
    assert offset["line_item_unblended_cost"].sum() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "legacy"),
    [
        ("savings_plan_savings_plan_a_r_n", "savingsPlan/SavingsPlanARN"),
        ("pricing_public_on_demand_rate", "pricing/publicOnDemandRate"),
        ("product_region", "product/region"),
        ("resource_tags", "resource_tags"),
    ],
)
def test_headings_of_the_old_report(name: str, legacy: str) -> None:
    assert cur_rows.legacy_name(name) == legacy
