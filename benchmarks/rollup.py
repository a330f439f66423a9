"""The rollup of a lake made anew from its files, beside a bare scan of the columns that it reads.

    python -m benchmarks.rollup                      # 10 million rows of one month, 3 rounds: some three minutes

``benchmarks/lakes.py`` fills the lake. *bare* reads the columns and drops them. *rollup* works on a copy of the lake
(hard links) without scopes and cells: scopes, cells by day, sorted, written, and both commits; what a changed dimension
costs. Each in a process of its own, and in turn, as in ``benchmarks/ingest.py``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.ingest import DATA, ROOT, Sample, Watch, Way, measure, table


def bare(data: Path, out: Path) -> None:  # noqa: ARG001 - nothing is written
    """Every column that the rollup reads, decoded and dropped."""
    import polars as pl  # noqa: PLC0415 - the parent process has no use for it

    from finops.lake.rollup.cell_keys import Lines  # noqa: PLC0415
    from finops.lake.rollup.cells import Cells  # noqa: PLC0415

    rows = pl.scan_delta(str(data / "costs"))
    reads = {*Lines.reads(_dimensions()), *Cells.reads()}.intersection(rows.collect_schema().names())
    watch = Watch()
    rows.select(sorted(reads)).map_batches(lambda batch: batch.clear(), streamable=True).collect(engine="streaming")
    watch.stop()
    watch.report(**_totals(rows.select(pl.len().alias("rows"), pl.col("EffectiveCost").sum())))


def rollup(data: Path, out: Path) -> None:
    """From the first file to the second commit."""
    import polars as pl  # noqa: PLC0415

    from benchmarks.lakes import open_lake  # noqa: PLC0415

    copy = out / "lake"
    shutil.copytree(data, copy, copy_function=os.link, ignore=shutil.ignore_patterns("costs_daily", "scopes"))
    lake = open_lake(copy)
    watch = Watch()
    lake.heal()
    watch.stop()
    watch.report(**_totals(pl.scan_delta(str(copy / "costs_daily")).select(pl.col("rows", "EffectiveCost").sum())))


WORKERS: Mapping[str, Callable[[Path, Path], None]] = {"bare": bare, "rollup": rollup}


def _dimensions():
    from benchmarks.lakes import DIMENSIONS  # noqa: PLC0415
    from finops.focus.dimensions import Dimensions  # noqa: PLC0415
    from finops.focus.schema import condition_columns  # noqa: PLC0415

    return Dimensions(DIMENSIONS, condition_columns())


def _totals(sums) -> dict:
    rows, effective = sums.collect().row(0)
    return {"rows": rows, "effective_cost": float(effective)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        WORKERS[given.worker](given.data, given.out)
        return
    make = [sys.executable, "-m", "benchmarks.lakes", "--rows", str(given.rows), "--periods", "1"]
    subprocess.run(make, check=True, cwd=ROOT)
    ways = [Way("the lake", worker) for worker in WORKERS]
    samples: dict[Way, list[Sample]] = {way: [] for way in ways}
    for _ in range(given.rounds):
        for way in ways:
            sample = measure(way, DATA / f"lake-{given.rows}-1", DATA / "scratch", module="benchmarks.rollup")
            samples[way].append(sample)
            print(f"{way.worker}: {sample}", file=sys.stderr, flush=True)
    if len({(sample.rows, sample.effective_cost) for of_way in samples.values() for sample in of_way}) > 1:
        raise SystemExit(f"the sums differ: {samples}")
    print(table(given.rows, samples))


if __name__ == "__main__":
    main()
