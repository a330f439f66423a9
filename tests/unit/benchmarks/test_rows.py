"""Benchmarks compare ways over the same rows: so the rows must be the same however they are cut into files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks import rows
from finops.demo.columns import FOCUS_1_0

COUNT = 1_001


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "DATA", tmp_path)
    monkeypatch.setattr(rows, "RESOURCES", 500)
    monkeypatch.setattr(rows, "CHUNK_ROWS", 300)


def test_the_same_rows_in_any_number_of_files() -> None:
    one, seven = (pl.read_parquet(rows.ensure(COUNT, layout) / "*.parquet") for layout in ("parquet-1", "parquet-7"))

    assert len(list(rows.folder_of(COUNT, "parquet-7").iterdir())) == 7
    assert one.height == COUNT
    assert one.equals(seven)
    assert set(FOCUS_1_0) <= set(one.columns)


def test_csv_has_the_rows_of_parquet() -> None:
    parquet = pl.read_parquet(rows.ensure(COUNT, "parquet-1") / "*.parquet")
    csv = pl.read_csv(rows.ensure(COUNT, "csv-3") / "*.csv.gz", infer_schema=False)

    assert csv.columns == parquet.columns
    for column in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        assert csv[column].cast(pl.Float64).equals(parquet[column])
    assert csv["ResourceId"].equals(parquet["ResourceId"])
    assert csv["Tags"].null_count() == parquet["Tags"].null_count()
