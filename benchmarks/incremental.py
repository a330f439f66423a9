"""After one of 24 (source, period) changed: an evaluation that remembers, beside one that knows nothing.

    python -m benchmarks.incremental [--rows 1000000] [--policies 10 100 1000] [--rounds 3]

Budgets of a year over a lake of two sources and twelve months. In each round the newest bill of one source is collected
again with other amounts, so that every group costs something else; a minute later both evaluations see the same data,
and must say the same. Seconds are those of the processor, of all threads; those of reading are by the clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import time
from datetime import timedelta

from benchmarks.evaluate import AS_OF, SETTINGS, freshness
from benchmarks.lakes import DATA, SOURCES, collect_bills, ensure_lake, open_lake, write_bill
from benchmarks.many_policies import policies
from benchmarks.rows import ensure
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.engine import evaluate
from finops.model.evaluation import Evaluation

PERIODS = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--policies", type=int, nargs="+", default=[10, 100, 1_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = DATA / "incremental"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ensure_lake(given.rows, periods=PERIODS), folder / "lake")
    month = ensure(given.rows // PERIODS, "parquet-1")
    print(f"load {os.getloadavg()[0]:.1f} at the start\n")
    print("| policies | full, s | after a change, s | ratio | read and summed: full, s | after, s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for count in given.policies:
        asked, cache = policies(count, period="year"), EvaluationCache()
        lake = open_lake(folder / "lake")

        def judged(
            remembered: EvaluationCache, minutes: int, asked=asked, lake=lake
        ) -> tuple[Evaluation, float, float]:  # type: ignore[no-untyped-def] # binds the loop's own
            as_of = AS_OF + timedelta(minutes=minutes)
            started = time.process_time()
            view = lake.at(lake.version())
            done = evaluate(
                asked,
                view,
                as_of=as_of,
                freshness=freshness(SOURCES),
                settings=SETTINGS,
                cache=remembered,
            )
            return done, time.process_time() - started, sum(read.seconds for read in remembered.reads.made)

        judged(cache, 0)
        took: list[tuple[float, float, float, float]] = []
        for number in range(given.rounds):
            bills = folder / f"bills-{count}-{number}"
            bills.mkdir()
            write_bill(month, bills / "0.parquet", 0, factor=1.0 + (number + 1 + count) / 1e6)
            collect_bills(lake, SOURCES[0], bills)
            after, seconds, reading = judged(cache, number + 1)
            full, all_seconds, all_reading = judged(EvaluationCache(), number + 1)
            if after != full:
                raise SystemExit("an evaluation that remembers says something else")
            took.append((all_seconds, seconds, all_reading, reading))
        medians = [statistics.median(column) for column in zip(*took, strict=True)]
        print(
            f"| {count:,} | {medians[0]:.2f} | {medians[1]:.2f} | {medians[1] / medians[0]:.2f}"
            f" | {medians[2]:.2f} | {medians[3]:.3f} | {medians[3] / medians[2]:.2f} |",
            flush=True,
        )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
