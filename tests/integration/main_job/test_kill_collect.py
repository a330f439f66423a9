"""``kill -9`` at random moments of a collection: readers see one whole state or the other, never a mixture."""

from __future__ import annotations

import os
import random
import signal
import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.app.clock import SystemClock
from finops.app.collection.all import collect_all
from finops.app.container import open_container
from tests.support.sample import SAMPLE
from tests.support.service_process import PROCESSES

ROUNDS = int(os.environ.get("FINOPS_KILL_ROUNDS", "12"))
State = tuple[int, Decimal, int, Decimal]


def collect_once(folder: str) -> None:
    container = open_container(Path(folder) / "finops.yaml", SystemClock())
    try:
        assert collect_all(container.collectors).exit_status == 0
    finally:
        container.close()


def seen(folder: Path) -> State:
    """Rows and EffectiveCost of both tables, at the version that readers see."""
    container = open_container(folder / "finops.yaml", SystemClock())
    try:
        view = container.lake.at(container.lake.version())
        costs = view.costs().select(pl.len(), pl.col("EffectiveCost").sum()).collect().row(0)
        daily = view.costs_daily().select(pl.col("rows").sum(), pl.col("EffectiveCost").sum()).collect().row(0)
        return (*costs, *daily)
    finally:
        container.close()


@pytest.mark.kill
@pytest.mark.timeout(1200)
def test_every_round_leaves_a_whole_state(folder: Path) -> None:
    bill = folder / "bills" / "focus_sample_1000.csv"
    whole = SAMPLE.read_bytes()
    lines = whole.splitlines(keepends=True)
    contents = [whole, b"".join(lines[:700])]

    states: list[State] = []
    longest = 0.0
    for content in contents:
        bill.write_bytes(content)
        started = time.monotonic()
        process = PROCESSES.Process(target=collect_once, args=(str(folder),))
        process.start()
        process.join()
        longest = max(longest, time.monotonic() - started)
        assert process.exitcode == 0
        states.append(seen(folder))
    # the one row of October lies behind the cut: a period that a file stops to hold keeps what was delivered
    assert [state[0] for state in states] == [1000, 700]

    chance = random.Random(20241001)
    killed = 0
    for number in range(ROUNDS):
        bill.write_bytes(contents[number % 2])
        process = PROCESSES.Process(target=collect_once, args=(str(folder),))
        process.start()
        process.join(chance.uniform(0.0, longest))
        if process.is_alive():
            process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        assert seen(folder) in states, f"round {number}"
        if chance.random() < 0.5:  # what a killed collection left is repaired by the next one, whether or not it is new
            collect_once(str(folder))
            assert seen(folder) == states[number % 2], f"collected again after round {number}"
    assert killed > 0

    bill.write_bytes(contents[0])
    collect_once(str(folder))
    assert seen(folder) == states[0]


def test_two_collectors_at_once_end_with_one_result(folder: Path) -> None:
    processes = [PROCESSES.Process(target=collect_once, args=(str(folder),)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    rows, cost, daily_rows, daily_cost = seen(folder)
    assert (rows, daily_rows) == (1000, 1000)
    assert cost == daily_cost
