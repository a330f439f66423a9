"""Two processes at once: both end, one result, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl

from tests.unit.lake.bills import lake

ROUNDS = 6
ROOT = Path(__file__).parents[3]


def start(folder: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.lake.racing_writer", str(folder), name, str(ROUNDS)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def says(writer: subprocess.Popen[str]) -> str:
    assert writer.stdout is not None
    return writer.stdout.readline()


def test_two_processes_replace_at_once(tmp_path: Path) -> None:
    writers = [start(tmp_path, name) for name in ("left", "right")]
    try:
        assert [says(writer) for writer in writers] == ["ready\n"] * 2
        own = lake(tmp_path)
        for number in range(ROUNDS):
            # even rounds: a new period (the very first one: a new lake); odd rounds: the same one again
            for writer in writers:
                assert writer.stdin is not None
                writer.stdin.write("go\n")
                writer.stdin.flush()
            assert [says(writer) for writer in writers] == ["done\n"] * 2
            view = own.at(own.version())
            sums = (
                frame.group_by("source").agg(pl.col("BilledCost").sum()).sort("source").collect()
                for frame in (view.costs(), view.costs_daily())
            )
            in_costs, in_rollup = (dict(found.iter_rows()) for found in sums)
            assert in_costs == in_rollup
            assert in_costs["same"] == 100
            assert (in_costs["left"], in_costs["right"]) == (5, 10)
            for shared in range(number // 2 + 1):
                assert in_costs[f"shared{shared}"] in {Decimal(5), Decimal(10)}
            assert own.reconcile() == []
        written = [change for change in own.history() if change.source == "same"]
        assert len(written) == ROUNDS, "the same content was written twice"
    finally:
        for writer in writers:
            out, _ = writer.communicate(timeout=30)
            assert writer.returncode == 0, out
