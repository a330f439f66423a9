"""100 sources collected at once, 1 % of them faulty: what do the healthy ones pay?

    python -m benchmarks.many_sources                    # 100 sources of 1,000 rows, 3 rounds
    python -m benchmarks.many_sources --sources 30 --rows 200 --rounds 1

Each source is a FOCUS file of its own in CSV; all are collected into an empty lake by ``collect_all``, as ``finops
collect`` does. The ways take turns. *well*: nothing is wrong. *broken*: the faulty ones raise. *silent*: the faulty
ones answer only when every healthy one has been collected. Seconds are those until the last
healthy source is in the lake.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from statistics import median

from finops.app.clock import SystemClock
from finops.app.collection.all import collect_all
from finops.app.container import open_container
from finops.errors import Unreachable
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Check, Discovery, Source, Usage, Window

WAYS = ("well", "broken", "silent")
HEADER = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId\n"
)


@dataclass
class Faulty:
    """Raises when it is asked; first it waits for ``healthy``, where it is silent."""

    name: str
    healthy: threading.Event
    is_silent: bool
    kind: str = "faulty"
    usage: Usage = field(default_factory=Usage)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:  # noqa: ARG002 - the port's own
        if self.is_silent:
            self.healthy.wait()
        raise Unreachable("no route to host", where=self.name, remedy="Check the network")

    def check(self) -> Sequence[Check]:
        return []


def write_bills(folder: Path, sources: int, rows: int) -> None:
    lines = "".join(
        f"1.25,1.25,1.5,1.25,EUR,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,2026-03-{number % 28 + 1:02}T00:00:00Z,"
        f"2026-03-{number % 28 + 2:02}T00:00:00Z,Usage,service-{number % 20},{number % 10:012}\n"
        for number in range(rows)
    )
    for number in range(sources):
        (folder / f"{number:03}.csv").write_text(HEADER + lines, encoding="utf-8")
    entries = "\n".join(f"  s{number:03}: {{kind: focus-files, path: ./{number:03}.csv}}" for number in range(sources))
    head = "apiVersion: finops/v1\npolicies: ./none\ncurrency: EUR\nlake: ./lake\nsources:\n"
    (folder / "finops.yaml").write_text(head + entries + "\n", encoding="utf-8")


def run(way: str, sources: int, rows: int, faulty: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bills(folder, sources, rows)
        container = open_container(folder / "finops.yaml", SystemClock())
        healthy = threading.Event()
        last = list(container.sources)[-faulty:]
        bad: dict[str, Source] = {name: Faulty(name, healthy, way == "silent") for name in last}
        chosen = dict(container.sources) if way == "well" else {**container.sources, **bad}
        left = set(chosen) - set(last)
        ended = [0.0]

        def done(name: str) -> None:
            left.discard(name)
            if not left and not healthy.is_set():
                ended[0] = time.perf_counter()
                healthy.set()

        started = time.perf_counter()
        found = collect_all(replace(container, sources=chosen).collectors, done=done)
        failed = [one.run.source for one in found.sources if one.run.error]
        assert failed == ([] if way == "well" else last), failed
        counted = sum(line.rows for one in found.sources for line in one.replacements)
        assert counted == rows * (sources if way == "well" else sources - faulty), counted
        container.close()
        return ended[0] - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1000, help="of each source")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    faulty = max(1, arguments.sources // 100)
    samples: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(arguments.rounds):
        for way in WAYS:
            samples[way].append(run(way, arguments.sources, arguments.rows, faulty))
    print(f"{arguments.sources} sources of {arguments.rows:,} rows, {faulty} faulty, {arguments.rounds} rounds")
    print("| way | s until the healthy ones are collected | ratio |\n|---|---|---|")
    for way in WAYS:
        found, base = samples[way], median(samples["well"])
        span = f"{min(found):.1f}–{max(found):.1f}"
        print(f"| {way} | {median(found):.1f} ({span}) | {median(found) / base:.2f} |")


if __name__ == "__main__":
    main()
