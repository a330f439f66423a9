"""Many collections at once on few threads: a query inside a step of another one's stream once stopped them all."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

SOURCES, FILES, ROWS = 5, 2, 9_000
SECONDS = 60
_COLLECT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from finops.collect.files import FocusFiles
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.lake.tables.memory_limits import MemoryLimits
from finops.objectstore.location import Location
from finops.app.collection.source import collect


class Clock:
    def now(self):
        return datetime(2026, 4, 2, tzinfo=UTC)


base = Path(sys.argv[1])
lake = DeltaLake(
    Location.parse("lake", base=base),
    dimensions=Dimensions([], condition_columns()),
    timezone=ZoneInfo("UTC"),
    clock=Clock(),
    budget=MemoryLimits(2**24),  # many small chunks
)


def rows(folder):
    result = collect(FocusFiles(folder.name, [str(folder)], base=base), lake, Clock())
    return result.run.error or sum(replaced.rows for replaced in result.replacements)


folders = sorted(base.glob("bills-*"))
with ThreadPoolExecutor(len(folders)) as pool:
    print(*pool.map(rows, folders))
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_sources_are_collected_at_once_on_few_threads(tmp_path: Path, threads: int) -> None:
    frame = _bill()
    for number in range(SOURCES):
        folder = tmp_path / f"bills-{number}"
        folder.mkdir()
        for part in range(FILES):
            # copies of a file would count once
            frame = frame.with_columns(pl.lit(f"part {part}").alias("ChargeDescription"))
            if number % 2:
                frame.write_parquet(folder / f"{part}.parquet")
            else:
                (folder / f"{part}.csv.gz").write_bytes(gzip.compress(frame.write_csv().encode(), 1))
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    command = [sys.executable, "-c", _COLLECT, str(tmp_path)]
    try:
        done = subprocess.run(command, env=environment, timeout=SECONDS, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail(f"{SOURCES} collections at once did not end within {SECONDS} s: they wait for each other's threads")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(FILES * ROWS)] * SOURCES


def _bill() -> pl.DataFrame:
    values = {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), "1.25"),
        "BillingAccountId": "1",
        "BillingCurrency": "EUR",
        "BillingPeriodStart": "2026-03-01T00:00:00Z",
        "BillingPeriodEnd": "2026-04-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-03-01T00:00:00Z",
        "ChargePeriodEnd": "2026-03-02T00:00:00Z",
        "ServiceCategory": "Compute",
        "ServiceName": "Machines",
        "ServiceProviderName": "A provider",
        "InvoiceIssuerName": "A provider",
    }
    accounts = pl.DataFrame({"SubAccountId": [f"account-{row % 50}" for row in range(ROWS)]})
    return accounts.with_columns(pl.lit(value).alias(name) for name, value in values.items())
