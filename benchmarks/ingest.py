"""Ingest of FOCUS rows into the lake, rollup included, beside reading and writing the same rows with no work between.

    python -m benchmarks.ingest                      # 10 million rows, 3 rounds: about half an hour and 15 GB of disk
    python -m benchmarks.ingest --rows 500000 --rounds 1
    python -m benchmarks.ingest --rows 100000000 --rounds 1 --form parquet --clean-up

Every measurement is a process of its own; the ways of a layout take turns, round by round, so that a slow minute of the
machine hits all of them. Files are read once before, so that nobody pays for a cold page cache. Seconds, of the clock
and of the processor, are those of the work, without starting Python and importing; peak memory is the process's largest
resident set (``wait4``), which counts mapped file pages.

100 million rows are 7 GB of Parquet and as much again for what a way writes; with ``--clean-up`` one layout is there at
a time, and goes when it was measured, if it was not there before.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
PARQUET_FILE_ROWS = 2_500_000
"""About 200 MB of Parquet a file."""
CSV_FILE_ROWS = 500_000
MANY_FILES = (1, 50, 400)
DATA = ROOT / "benchmarks" / "data"


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one way. ``rows`` and ``effective_cost`` (rounded to cents) prove that all rows arrived.

    ``cpu_seconds``: of all threads; the ratio to hold against where others use the machine.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    rows: int
    effective_cost: float


@dataclass(frozen=True, slots=True)
class Way:
    """``layout`` of ``rows.py``, and which worker reads it."""

    layout: str
    worker: str


def bare(data: Path, out: Path) -> None:
    """Read and write with no work between: what Polars itself needs. The lake's own compression, one file."""
    import polars as pl  # noqa: PLC0415 - the parent process has no use for it

    watch = Watch()
    _scan(data).sink_parquet(out / "bare.parquet", compression="zstd", engine="streaming")
    watch.stop()
    effective = pl.scan_parquet(out / "bare.parquet").select(
        pl.len().alias("rows"), pl.col("EffectiveCost").cast(pl.Float64).sum().alias("effective_cost")
    )
    watch.report(**effective.collect().row(0, named=True))


def conform(data: Path, out: Path) -> None:
    """Our FOCUS rows to one Parquet file: neither commit nor rollup."""
    import polars as pl  # noqa: PLC0415

    from finops.focus.delivery import deliver  # noqa: PLC0415

    source = _source(data)
    watch = Watch()
    delivery = deliver(source.name, source.discover({}).offers)
    delivery.rows.sink_parquet(out / "conformed.parquet", compression="zstd", engine="streaming")
    delivery.verify()
    watch.stop()
    effective = pl.scan_parquet(out / "conformed.parquet").select(
        pl.len().alias("rows"), pl.col("EffectiveCost").sum().cast(pl.Float64).alias("effective_cost")
    )
    watch.report(**effective.collect().row(0, named=True))


def finops(data: Path, out: Path) -> None:
    """All of it: discover, conform, write, commit, rollup; through the doors that the service uses."""
    from finops.app.collection.source import collect  # noqa: PLC0415

    source, lake = _source(data), _lake(out / "lake")
    watch = Watch()
    result = collect(source, lake, _Clock())
    watch.stop()
    if result.run.error:
        raise SystemExit(result.run.error)
    (replacement,) = result.replacements
    watch.report(rows=replacement.rows, effective_cost=float(replacement.sums["USD"]["EffectiveCost"]))


WORKERS: Mapping[str, Callable[[Path, Path], None]] = {"bare": bare, "conform": conform, "finops": finops}


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _scan(data: Path):
    import polars as pl  # noqa: PLC0415

    if any(data.glob("*.parquet")):
        return pl.scan_parquet(data / "*.parquet")
    return pl.scan_csv(data / "*.csv.gz", infer_schema=False)


def _source(data: Path):
    from finops.collect.files import FocusFiles  # noqa: PLC0415

    return FocusFiles.from_options("benchmark", FocusFiles.Options(path=str(data)), base=data)


def _lake(folder: Path):
    """Three dimensions, as the demo has them."""
    from finops.focus.dimensions import Dimensions  # noqa: PLC0415
    from finops.focus.schema import condition_columns  # noqa: PLC0415
    from finops.lake import DeltaLake  # noqa: PLC0415
    from finops.model.dimension import Dimension, Else, FromTags  # noqa: PLC0415
    from finops.objectstore.location import Location  # noqa: PLC0415

    names = {"team": ("team", "Team", "owner"), "environment": ("environment", "env"), "product": ("product",)}
    dimensions = [Dimension(name, (FromTags(keys), Else("unallocated"))) for name, keys in names.items()]
    return DeltaLake(
        Location.parse(str(folder), base=folder.parent),
        dimensions=Dimensions(dimensions, condition_columns()),
        timezone=ZoneInfo("UTC"),
        audit=timedelta(days=400),
        clock=_Clock(),
    )


class Watch:
    """Seconds of a worker's own work, from its making to ``stop``."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self._taken = time.perf_counter() - self._started[0], time.process_time() - self._started[1]

    def report(self, *, rows: int, effective_cost: float) -> None:
        """To ``measure``."""
        seconds, cpu_seconds = self._taken
        found = {"rows": rows, "effective_cost": round(effective_cost, 2)}
        print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, **found}))


def measure(way: Way, data: Path, scratch: Path, *, module: str = "benchmarks.ingest") -> Sample:
    """Runs one worker of ``module`` in a process of its own."""
    scratch.mkdir(exist_ok=True)
    out = Path(tempfile.mkdtemp(dir=scratch))
    command = [sys.executable, "-m", module, "--worker", way.worker, "--data", str(data), "--out", str(out)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout is not None
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{way.worker} on {way.layout} failed with exit status {process.returncode}")
        found = json.loads(answer.splitlines()[-1])
        return Sample(
            found["seconds"], found["cpu_seconds"], usage.ru_maxrss / 1024, found["rows"], found["effective_cost"]
        )
    finally:
        shutil.rmtree(out)


def take_turns(rows: int, ways: Sequence[Way], rounds: int, *, clean_up: bool = False) -> dict[Way, list[Sample]]:
    """Layout by layout, each of its ways once a round; raises when a way lost rows or money."""
    samples: dict[Way, list[Sample]] = {way: [] for way in ways}
    for layout in dict.fromkeys(way.layout for way in ways):
        folder = DATA / f"{rows}-{layout}"
        was_there = folder.exists()
        # a child's peak memory starts from its parent's, so the parent must stay small: rows are made elsewhere
        make = [sys.executable, "-m", "benchmarks.rows", "--rows", str(rows), "--layout", layout]
        subprocess.run(make, check=True, cwd=ROOT)
        for number in range(rounds):
            for way in (way for way in ways if way.layout == layout):
                _warm(folder)
                sample = measure(way, folder, DATA / "scratch")
                samples[way].append(sample)
                print(f"round {number + 1}: {layout} {way.worker}: {sample}", file=sys.stderr, flush=True)
        if clean_up and not was_there:
            shutil.rmtree(folder)
    for way, of_way in samples.items():
        first = samples[next(other for other in ways if other.layout.split("-")[0] == way.layout.split("-")[0])][0]
        for sample in of_way:
            # a cent on many millions: doubles are added in another order
            if sample.rows != rows or abs(sample.effective_cost - first.effective_cost) > 0.05:
                raise SystemExit(f"{way} has {sample}, not {rows} rows with {first.effective_cost}")
    return samples


def _warm(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def table(rows: int, samples: Mapping[Way, Sequence[Sample]]) -> str:
    """Medians, with the slowest and fastest round in brackets; the ratio is to ``bare`` of the same layout."""
    lines = [
        f"| {rows:,} rows from | way | s | ratio to bare | CPU s | CPU ratio to bare | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for way, of_way in samples.items():
        seconds = [sample.seconds for sample in of_way]
        cpu = median(sample.cpu_seconds for sample in of_way)
        bare = samples.get(Way(way.layout, "bare"))
        ratio = f"{median(seconds) / median(s.seconds for s in bare):.2f}" if bare else "–"
        cpu_ratio = f"{cpu / median(s.cpu_seconds for s in bare):.2f}" if bare else "–"
        lines.append(
            f"| {way.layout} | {way.worker} | {median(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f}) | {ratio} "
            f"| {cpu:.1f} | {cpu_ratio} | {median(s.peak_mib for s in of_way):,.0f} |"
        )
    return "\n".join(lines)


def standard_ways(rows: int, forms: Sequence[str], *, many_files: bool) -> list[Way]:
    usual = {"parquet": PARQUET_FILE_ROWS, "csv": CSV_FILE_ROWS}
    layouts = [f"{form}-{max(1, round(rows / usual[form]))}" for form in forms]
    ways = [Way(layout, worker) for layout in layouts for worker in WORKERS]
    if many_files and "parquet" in forms:
        ways += [Way(f"parquet-{count}", "finops") for count in MANY_FILES if f"parquet-{count}" not in layouts]
    return ways


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--layout", action="append", help="only these layouts, with every way: parquet-4, csv-20")
    parser.add_argument("--form", action="append", choices=("parquet", "csv"), help="only rows of this form")
    parser.add_argument("--way", action="append", choices=WORKERS, help="only these ways")
    parser.add_argument("--clean-up", action="store_true", help="delete the rows that were made for this run")
    parser.add_argument("--no-many-files", action="store_true", help="leave out 1, 50 and 400 files")
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        WORKERS[given.worker](given.data, given.out)
        return
    ways = (
        [Way(layout, worker) for layout in given.layout for worker in WORKERS]
        if given.layout
        else standard_ways(given.rows, given.form or ("parquet", "csv"), many_files=not given.no_many_files)
    )
    ways = [way for way in ways if way.worker in (given.way or WORKERS)]
    print(table(given.rows, take_turns(given.rows, ways, given.rounds, clean_up=given.clean_up)))


if __name__ == "__main__":
    main()
