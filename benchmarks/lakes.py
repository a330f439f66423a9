"""Lakes for the benchmarks of evaluations, filled through the product's own doors from the rows of ``rows.py``.

python -m benchmarks.lakes --rows 10000000 --periods 1
"""

from __future__ import annotations

import argparse
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from benchmarks.rows import DATA, ensure
from finops.app.clock import SystemClock
from finops.app.collection.source import collect
from finops.collect.files import FocusFiles
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.model.collection import CollectionOutcome
from finops.model.dimension import Dimension, Else, FromTags
from finops.objectstore.location import Location

SOURCES = ("cloud-a", "cloud-b")
DIMENSIONS = tuple(
    Dimension(name, (FromTags((name,)), Else("unallocated"))) for name in ("team", "environment", "product")
)
NEWEST_MONTH = datetime(2026, 9, 1, tzinfo=UTC)
_TIMES = ("ChargePeriodStart", "BillingPeriodStart", "BillingPeriodEnd")
_FILE_ROWS = 2_500_000


def open_lake(folder: Path) -> DeltaLake:
    return DeltaLake(
        Location.parse(str(folder), base=folder.parent),
        dimensions=Dimensions(DIMENSIONS, condition_columns()),
        timezone=ZoneInfo("UTC"),
        audit=timedelta(days=400),
        clock=SystemClock(),
    )


def ensure_lake(rows: int, *, periods: int) -> Path:
    """A lake with about ``rows`` rows: of one source and month where ``periods`` is 1, else of two sources and
    ``periods`` / 2 months, the newest of which is ``NEWEST_MONTH``."""
    folder = DATA / f"lake-{rows}-{periods}"
    if folder.exists():
        return folder
    aside = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    started = time.perf_counter()
    if periods == 1:
        _collected(aside, SOURCES[0], ensure(rows, f"parquet-{max(1, round(rows / _FILE_ROWS))}"))
    else:
        month = ensure(rows // periods, "parquet-1")
        for source in SOURCES:
            bills = aside.with_name(f"{aside.name}-bills")
            shutil.rmtree(bills, ignore_errors=True)
            bills.mkdir()
            for ago in range(periods // len(SOURCES)):
                write_bill(month, bills / f"{ago}.parquet", ago)
            _collected(aside, source, bills)
            shutil.rmtree(bills)
    aside.rename(folder)
    print(f"{folder.name}: {time.perf_counter() - started:.0f} s", flush=True)
    return folder


def write_bill(month: Path, file: Path, ago: int, *, factor: float = 1.0) -> None:
    """The rows of one month as the bill of ``ago`` months before it."""
    back = [pl.col(name).dt.offset_by(f"-{ago}mo") for name in _TIMES]
    end = pl.col("ChargePeriodStart").dt.offset_by(f"-{ago}mo").dt.offset_by("1h").alias("ChargePeriodEnd")
    costs = [pl.col(name) * factor for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")]
    pl.scan_parquet(month / "*.parquet").with_columns(*back, end, *costs).sink_parquet(file, compression="zstd")


def collect_bills(lake: DeltaLake, source: str, bills: Path) -> None:
    """What a collection of these files does."""
    options = FocusFiles.Options(path=f"{bills}/*.parquet")
    run = collect(FocusFiles.from_options(source, options, base=bills), lake, SystemClock()).run
    if run.outcome is CollectionOutcome.FAILED:
        raise SystemExit(f"{source}: {run.error}")


def _collected(folder: Path, source: str, bills: Path) -> None:
    collect_bills(open_lake(folder), source, bills)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--periods", type=int, default=1)
    given = parser.parse_args()
    print(ensure_lake(given.rows, periods=given.periods))


if __name__ == "__main__":
    main()
