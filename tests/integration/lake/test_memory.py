"""Memory does not grow with a bill, however it is cut."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

_START = datetime(2026, 3, 1, tzinfo=UTC)
_ROOT = Path(__file__).parents[3]


def _bill(path: Path, rows: int) -> Path:
    """One row group, whatever the number of rows: what a reader of whole row groups holds at once."""
    row = pl.int_range(rows, dtype=pl.Int64)
    start = pl.lit(_START) + pl.duration(hours=row % 700)
    amount = (row % 9_973) * 0.01
    costs = [amount.alias(f"{name}Cost") for name in ("Billed", "Effective", "List", "Contracted")]
    texts = [(pl.lit(f"{name} number ") + (row % 89).cast(pl.String)).alias(f"x_{name}") for name in "ABCDEFGHIJKLMNOP"]
    pl.select(
        *costs,
        *texts,
        pl.lit("USD").alias("BillingCurrency"),
        pl.lit(_START).alias("BillingPeriodStart"),
        pl.lit(datetime(2026, 4, 1, tzinfo=UTC)).alias("BillingPeriodEnd"),
        start.alias("ChargePeriodStart"),
        (start + timedelta(hours=1)).alias("ChargePeriodEnd"),
        pl.lit("Usage").alias("ChargeCategory"),
        (pl.lit("service ") + (row % 50).cast(pl.String)).alias("ServiceName"),
    ).write_parquet(path, row_group_size=rows)
    return path


def _peak_mib(folder: Path, rows: int) -> int:
    bill = _bill(folder / f"{rows}.parquet", rows)
    command = [sys.executable, "-m", "tests.integration.lake.hungry_writer", str(bill), str(folder / f"lake-{rows}")]
    said = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert int(said[0]) == rows
    return int(said[1])


@pytest.mark.skipif(sys.platform != "linux", reason="a process's own peak is read from Linux's /proc")
def test_a_bill_of_five_times_the_rows_takes_hardly_more_memory(tmp_path: Path) -> None:
    few, many = _peak_mib(tmp_path, 200_000), _peak_mib(tmp_path, 1_000_000)
    # as 27 columns of 16 bytes, the 800,000 rows between them would be 330 MiB, and as much again to write them
    assert many < few + 200
    assert many < 600
