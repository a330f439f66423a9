"""A year of daily evaluations of 50 policies over a lake of two sources and twelve months.

    python -m benchmarks.backtest [--rows 10000000] [--days 365] [--rounds 1]

The command ``finops policies backtest`` as a user types it, in a project over the lake of ``lakes.py``: each day is
judged at its end, on the data as it is now, since the lake does not remember those days. Kinds and groups as in the
starter policies. Seconds are those of the whole command, processor seconds those of all its processes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.lakes import DATA, SOURCES, ensure_lake
from benchmarks.many_policies import DIMENSIONS
from finops.app.clock import SystemClock
from finops.app.container import open_container
from finops.model.collection import CollectionOutcome, CollectionRun
from finops.ports.lake import NewSeries, Run

PERIODS = 24
END = date(2026, 9, 29)
CONFIG = """apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: USD
sources:
{sources}
demand:
  orders: {{kind: csv, path: ./orders.csv, unit: orders}}
dimensions:
{dimensions}
"""
_COUNTS = {"Budget": 20, "Anomaly": 10, "Growth": 8, "UnitCost": 6, "Allocation": 3, "Commitment": 3}
_SPECS = {
    "Budget": "period: month\n  amount: {amount} USD\n  alerts: [{{when: pace > 110%, severity: warning}}, "
    "{{when: forecast > 100%, severity: info}}]",
    "Anomaly": "window: 3d\n  minimum: 200 USD\n  alerts: [{{when: excess > 500 USD, severity: warning}}, "
    "{{when: score > 20, severity: warning}}]",
    "Growth": "demand: orders\n  window: 12w\n  alerts: [{{when: elasticity > 1.2, severity: warning}}, "
    "{{when: excess_growth > 25%, severity: warning}}]",
    "UnitCost": "demand: orders\n  window: 6w\n  alerts: [{{when: unit_cost_change > 15%, severity: warning}}]",
    "Allocation": "dimension: team\n  window: 28d\n  alerts: [{{when: allocated < 80%, severity: warning}}]",
    "Commitment": "window: 28d\n  alerts: [{{when: utilisation < 80%, severity: warning}}]",
}


def text() -> str:
    documents = []
    for kind, count in _COUNTS.items():
        for number in range(count):
            spec = _SPECS[kind].format(amount=10_000 * (number + 1))
            scope = f"  scope: \"team = 'team-{number}'\"\n" if kind != "Allocation" else ""
            group_by = "" if number % 3 or kind == "Allocation" else "  group_by: [environment]\n"
            documents.append(
                f"apiVersion: finops/v1\nkind: {kind}\nmetadata: {{name: {kind.lower()}-{number:02}, owner: finance}}\n"
                f"spec:\n{scope}{group_by}  {spec}\n"
            )
    return "---\n".join(documents)


def prepare(folder: Path, rows: int) -> Path:
    """A project over the lake; its finops.yaml."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "policies").mkdir(parents=True)
    shutil.copytree(ensure_lake(rows, periods=PERIODS), folder / "lake", copy_function=os.link)
    (folder / "policies" / "all.yaml").write_text(text(), encoding="utf-8")
    sources = "\n".join(f"  {name}: {{kind: focus-files, path: ./bills}}" for name in SOURCES)
    dimensions = "\n".join(f"  {name}: [{{tags: [{name}]}}, {{else: unallocated}}]" for name in DIMENSIONS)
    config = folder / "finops.yaml"
    config.write_text(CONFIG.format(sources=sources, dimensions=dimensions), encoding="utf-8")
    _remember(config)
    return config


def _remember(config: Path) -> None:
    """What collections would have left behind: that both sources are complete, and a series of demand."""
    container = open_container(config, SystemClock())
    now = datetime.now(UTC)
    through = datetime(2026, 10, 1, tzinfo=UTC)
    for source in SOURCES:
        container.state.collections.record(
            CollectionRun(
                f"benchmark-{source}",
                source,
                "focus-files",
                started_at=now,
                ended_at=now,
                outcome=CollectionOutcome.OK,
                rows=1,
                complete_through=through,
            )
        )
    container.lake.replace_demand([NewSeries("orders", _orders(), "benchmark", "orders")], Run("benchmark", now))
    container.close()


def _orders() -> pl.DataFrame:
    """A series that grows by a third in a year and rests on weekends."""
    days = pl.date_range(date(2025, 10, 1), date(2026, 9, 30), "1d", eager=True)
    grown = [
        Decimal(round(10_000 * (1 + at / 1100) * (0.7 if day.weekday() > 4 else 1))) for at, day in enumerate(days)
    ]
    return pl.DataFrame({"day": days, "value": pl.Series(grown, dtype=pl.Decimal(38, 15))})


def year(config: Path, days: int) -> tuple[float, float, float, Counter[str]]:
    """Seconds, processor seconds, the largest process's peak in MiB, and verdicts by their state."""
    finops = str(Path(sys.executable).with_name("finops"))
    first = END - timedelta(days=days)
    asked = ["policies", "backtest", "policies", "--from", str(first), "--to", str(END), "--format", "json"]
    started = time.perf_counter()
    with subprocess.Popen(
        [finops, "-c", str(config), *asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=config.parent
    ) as process:
        assert process.stdout is not None
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"the command failed with exit status {process.returncode}")
    told: list[dict[str, Any]] = json.loads(answer)["groups"]
    states = Counter(day["state"] for group in told for day in group["days"])
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, states


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    config = prepare(DATA / "backtest", given.rows)
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    rounds = [year(config, given.days) for _ in range(given.rounds)]
    seconds, cpu, peak = (statistics.median(of[place] for of in rounds) for place in (0, 1, 2))
    states = rounds[-1][3]
    told = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
    print("| rows | policies | days | verdicts | s | CPU s | peak MiB of a process |\n|---|---|---|---|---|---|---|")
    print(
        f"| {given.rows:,} | {sum(_COUNTS.values())} | {given.days} | {states.total():,}: {told} "
        f"| {seconds:.1f} | {cpu:.1f} | {peak:,.0f} |"
    )
    shutil.rmtree(config.parent)


if __name__ == "__main__":
    main()
