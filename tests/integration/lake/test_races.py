"""Two processes at once: both end, one result, nothing doubled."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl

from tests.integration.lake.writers import replace_when_told
from tests.support.bills import lake
from tests.support.service_process import PROCESSES

ROUNDS = 6


def test_two_processes_replace_at_once(tmp_path: Path) -> None:
    told, processes = [], []
    for name in ("left", "right"):
        ours, theirs = PROCESSES.Pipe()
        told.append(ours)
        processes.append(PROCESSES.Process(target=replace_when_told, args=(tmp_path, theirs, name, ROUNDS)))
        processes[-1].start()
    try:
        assert [writer.recv() for writer in told] == ["ready"] * 2
        own = lake(tmp_path)
        for number in range(ROUNDS):
            # even rounds: a new period (the very first one: a new lake); odd rounds: the same one again
            for writer in told:
                writer.send("go")
            assert [writer.recv() for writer in told] == ["done"] * 2
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
        for process in processes:
            process.join(30)
    assert [process.exitcode for process in processes] == [0, 0]
