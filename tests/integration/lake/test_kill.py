"""``kill -9`` at any moment: readers see one of the two whole states, in both tables."""

from __future__ import annotations

import os
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.lake.writers import STATES, bill, replace_until_killed
from tests.support.bills import APRIL, MAY, delivery, lake, rows, run, totals
from tests.support.service_process import PROCESSES

ROUNDS = int(os.environ.get("FINOPS_KILL_ROUNDS", "20"))
_LONGEST_SECONDS = 0.6  # two replacements and a bit on a quiet machine, so that every step of one is met


class Writer:
    """One that is loaded and waits for its go."""

    def __init__(self, folder: Path) -> None:
        self.told, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=replace_until_killed, args=(folder, theirs))
        self.process.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.told.close()


@pytest.mark.kill
@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_a_killed_writer_leaves_a_whole_state(tmp_path: Path) -> None:
    chance = random.Random(20260301)
    own = lake(tmp_path)
    began = time.monotonic()
    own.replace(delivery(rows(*bill("a")), "a0", periods=[APRIL, MAY]), run())
    longest = max(_LONGEST_SECONDS, 2 * (time.monotonic() - began))
    whole = {(sum((Decimal(str(row["BilledCost"])) for row in bill(state)), Decimal(0)),) * 2 for state in STATES}
    assert len(whole) == 2
    seen = set()
    waiting = Writer(tmp_path)
    try:
        for number in range(ROUNDS):
            writer, waiting = waiting, Writer(tmp_path)
            assert writer.told.recv() == "ready"
            writer.told.send("go")
            time.sleep(chance.uniform(0, longest))
            alive = writer.process.is_alive()
            writer.kill()
            assert alive, f"the writer ended by itself in round {number}"
            found = totals(own.at(own.version()))
            assert found in whole, f"torn in round {number}"
            seen.add(found)
            if number % 2:
                own.heal()
                assert totals(own.at(own.version())) in whole
                assert own.reconcile() == []
    finally:
        waiting.kill()
    own.heal()
    assert own.reconcile() == []
    assert len(own.history()) > 2, "no writer ever got as far as a commit"
    assert seen == whole or ROUNDS < 20
