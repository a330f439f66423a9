"""A process that replaces a bill's two states by turns until somebody kills it: ``python -m … FOLDER``."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from tests.unit.lake.bills import APRIL, MAY, delivery, lake, line, rows, run

STATES = ("a", "b")


def bill(state: str) -> list[dict[str, object]]:
    """State a: 1 in each of 40 rows of two months; state b: 3, other teams, and the second month empty."""
    if state == "a":
        return [line("1", period=period, day=1 + n) for period in (APRIL, MAY) for n in range(20)]
    return [line("3", period=APRIL, day=1 + n, Tags=f'{{"team":"t{n}"}}') for n in range(20)]


def main(folder: Path) -> None:
    own = lake(folder)
    own.known("aws")  # everything is loaded before the go
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    start = 1 if own.known("aws")[APRIL].digest.startswith("a") else 0
    for number in count(start):
        state = STATES[number % 2]
        digest = f"{state}{number}"
        own.replace(delivery(rows(*bill(state)), digest, periods=[APRIL, MAY]), run(f"run-{number}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
