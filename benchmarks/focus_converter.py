"""Converts the same AWS Cost and Usage Report with finops and with focus-converter.

    python3.11 -m venv /tmp/peer && /tmp/peer/bin/pip install focus-converter==1.0.0 'multimethod<2' 'click<8.2'
    python -m benchmarks.focus_converter --peer /tmp/peer/bin/python --rows 1000000

The peer needs an older Polars, and therefore its own Python. It reads local files and writes Parquet without the source
columns (``--no-export-include-source-columns``): no tags, no checks. finops does the whole job: source
``aws-data-export``, files from a local S3 server (moto), FOCUS 1.4, exact amounts, commit, rollup. *s* is wall time,
including the start of Python and, for finops, the server's share; *CPU s* covers all threads and processes, with those
of the server in parentheses. *peak* is the largest process. Both must have all rows and the same EffectiveCost, to a
cent per million.

CSV: a single file, since the peer reads only one; with the old report's headers, the only ones whose times it parses.
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.cur_rows import folder_of
from benchmarks.export import SIGNED_IN, _serve, _upload

ROOT = Path(__file__).parent.parent
INSTALL = "/tmp/peer/bin/pip install focus-converter==1.0.0 'multimethod<2' 'click<8.2'"
PARQUET, CSV = "parquet-4", "csv-1"
LONGEST_SECONDS = 1200
"""When the peer fails, its writers wait for ever."""


@dataclass(frozen=True, slots=True)
class Sample:
    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    peak_mib: float
    rows: int
    effective_cost: float


def finops(endpoint: str, out: Path) -> None:
    """Prints what the lake took, through the doors that the service uses."""
    from benchmarks.export import BUCKET  # noqa: PLC0415 - only the worker has a use for them
    from benchmarks.ingest import _Clock, _lake  # noqa: PLC0415
    from finops.app.collection.source import collect  # noqa: PLC0415
    from finops.collect.aws import DataExport, DataExportOptions  # noqa: PLC0415

    options = DataExportOptions(bucket=BUCKET, export="export", endpoint=endpoint)
    result = collect(DataExport.from_options("aws", options, base=out), _lake(out / "lake"), _Clock())
    if result.run.error:
        raise SystemExit(result.run.error)
    (replacement,) = result.replacements
    print(json.dumps([replacement.rows, float(replacement.sums["USD"]["EffectiveCost"])]))


def _of_finops(layout: str, rows: int, out: Path) -> Sample:
    with _server(folder_of(rows, layout)) as (endpoint, server):
        before = _cpu_seconds(server)
        command = [sys.executable, "-m", "benchmarks.focus_converter", "--endpoint", endpoint, "--out", str(out)]
        answer, seconds, cpu, peak = _run(command)
        found = json.loads(answer.splitlines()[-1])
        return Sample(seconds, cpu, _cpu_seconds(server) - before, peak, *found)


def _of_peer(layout: str, rows: int, out: Path, peer: str) -> Sample:
    if layout == PARQUET:
        folder = folder_of(rows, layout)
        what = ["--provider", "aws", "--data-format", "parquet", "--parquet-data-format", "dataset"]
        what += ["--data-path", str(folder)]
    else:
        (file,) = folder_of(rows, f"legacy-{layout}").iterdir()
        what = ["--provider", "aws-cur", "--data-format", "csv", "--data-path", str(file)]
    command = [peer, "-m", "focus_converter.main", "convert", *what]
    _, seconds, cpu, peak = _run([*command, "--export-path", str(out), "--no-export-include-source-columns"])
    written = pl.scan_parquet(out / "*.parquet").select(pl.len(), pl.col("EffectiveCost").sum()).collect()
    return Sample(seconds, cpu, 0.0, peak, *written.row(0))


def _run(command: Sequence[str]) -> tuple[str, float, float, float]:
    """What it printed; seconds of the clock; of the processor, with its own children; MiB of the largest process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, cwd=ROOT, start_new_session=True)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if time.perf_counter() - started > LONGEST_SECONDS:
                os.killpg(process.pid, 9)
            time.sleep(0.05)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        for stream in (output, errors):
            stream.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed with {process.returncode}:\n{errors.read()[-2000:]}")
        usage = ended[2]
        return output.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, int]]:
    server, endpoint = _serve()
    try:
        _upload(endpoint, folder)
        yield endpoint, server.pid
    finally:
        server.kill()
        server.wait()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(layout: str, rows: int, rounds: int, peer: str) -> str:
    """Rows of the table, medians; raises where a way lost rows or money."""
    samples: dict[str, list[Sample]] = {"focus-converter": [], "finops": []}
    for _ in range(rounds):
        for way, of_way in samples.items():
            out = Path(tempfile.mkdtemp(dir=folder_of(rows, layout).parent / "scratch"))
            try:
                sample = _of_peer(layout, rows, out, peer) if way != "finops" else _of_finops(layout, rows, out)
            finally:
                shutil.rmtree(out)
            print(f"{layout} {way}: {sample}", file=sys.stderr, flush=True)
            of_way.append(sample)
    theirs = samples["focus-converter"][0].effective_cost
    for way, of_way in samples.items():
        for sample in of_way:
            if sample.rows != rows or abs(sample.effective_cost - theirs) > 0.01 * max(1, rows / 1e6):
                raise SystemExit(f"{way} has {sample}, not {rows} rows with {theirs}")
    lines = []
    for way, of_way in samples.items():
        seconds, cpu, server, peak = (
            median(getattr(sample, name) for sample in of_way)
            for name in ("seconds", "cpu_seconds", "server_cpu_seconds", "peak_mib")
        )
        by_clock = median(s.seconds for s in samples["focus-converter"]) / seconds
        by_cpu = median(s.cpu_seconds for s in samples["focus-converter"]) / cpu
        beside = f" ({server:.1f})" if server else ""
        lines.append(
            f"| {layout} | {way} | {seconds:.1f} | {by_clock:.2f} | {cpu:.1f}{beside} | {by_cpu:.2f} | {peak:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="the Python that has focus-converter")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.endpoint:
        finops(given.endpoint, given.out)
        return
    if not given.peer:
        print(f"focus-converter is not measured: give --peer PYTHON. It needs a Python of its own:\n  {INSTALL}")
        return
    os.environ.update(SIGNED_IN)
    layouts = [word for layout in (PARQUET, CSV, f"legacy-{CSV}") for word in ("--layout", layout)]
    make = [sys.executable, "-m", "benchmarks.cur_rows", "--rows", str(given.rows), *layouts]
    subprocess.run(make, check=True, cwd=ROOT)  # elsewhere: a child's peak memory starts from its parent's
    (folder_of(given.rows, PARQUET).parent / "scratch").mkdir(exist_ok=True)
    print(f"| {given.rows:,} rows | way | s | times as fast | CPU s (server) | by CPU | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for layout in (PARQUET, CSV):
        print(compare(layout, given.rows, given.rounds, given.peer), flush=True)


if __name__ == "__main__":
    main()
