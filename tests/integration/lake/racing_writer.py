"""A process that replaces bills when told to: ``python -m … FOLDER NAME ROUNDS``; same period, then its own."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.unit.lake.bills import delivery, lake, line, rows, run


def main(folder: Path, name: str, rounds: int) -> None:
    own = lake(folder)
    own.known("aws")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(rounds):
        sys.stdin.readline()
        lines = [line("1" if name == "left" else "2", day=1 + n, Tags=f'{{"team":"{name}"}}') for n in range(5)]
        own.replace(delivery(rows(*lines), f"{name}{number}", source=f"shared{number // 2}"), run(name))
        own.replace(delivery(rows(*lines), f"{number}", source=name), run(name))
        same = delivery(rows(line("100")), f"same{number}", source="same")
        own.replace(same, run(name))
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
