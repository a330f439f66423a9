"""What a process does that writes to a lake beside others: it says that it is ready, and waits for its go."""

from __future__ import annotations

from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.support.bills import APRIL, MAY, delivery, lake, line, rows, run

STATES = ("a", "b")


def bill(state: str) -> list[dict[str, object]]:
    """State a: 1 in each of 40 rows of two months; state b: 3, other teams, and the second month empty."""
    if state == "a":
        return [line("1", period=period, day=1 + n) for period in (APRIL, MAY) for n in range(20)]
    return [line("3", period=APRIL, day=1 + n, Tags=f'{{"team":"t{n}"}}') for n in range(20)]


def replace_until_killed(folder: Path, told: Connection) -> None:
    """Replaces a bill's two states by turns until somebody kills it."""
    own = lake(folder)
    own.known("aws")  # everything is loaded before the go
    told.send("ready")
    told.recv()
    start = 1 if own.known("aws")[APRIL].digest.startswith("a") else 0
    for number in count(start):
        state = STATES[number % 2]
        digest = f"{state}{number}"
        own.replace(delivery(rows(*bill(state)), digest, periods=[APRIL, MAY]), run(f"run-{number}"))


def replace_when_told(folder: Path, told: Connection, name: str, rounds: int) -> None:
    """Replaces bills each time that it is told to: a period that others replace too, its own, and the same content."""
    own = lake(folder)
    own.known("aws")
    told.send("ready")
    for number in range(rounds):
        told.recv()
        lines = [line("1" if name == "left" else "2", day=1 + n, Tags=f'{{"team":"{name}"}}') for n in range(5)]
        own.replace(delivery(rows(*lines), f"{name}{number}", source=f"shared{number // 2}"), run(name))
        own.replace(delivery(rows(*lines), f"{number}", source=name), run(name))
        same = delivery(rows(line("100")), f"same{number}", source="same")
        own.replace(same, run(name))
        told.send("done")
