"""From ``finops run`` to the first ``/metrics`` with series, on a big lake, from a snapshot that an earlier run stored.

    python -m benchmarks.start [--rows 10000000] [--policies 100 1000] [--rounds 5]

The snapshot is of the lake's own month, with every family of costs as full as it may be. *CPU s* are those of the
service's process, of all threads, until that answer. *imports* is the interpreter with the service's imports alone.
Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

from benchmarks.evaluate import AS_OF, SETTINGS, freshness
from benchmarks.lakes import DATA, SOURCES, ensure_lake, open_lake
from benchmarks.many_policies import DIMENSIONS, policies, text
from finops.app.clock import SystemClock
from finops.config.plugins import policy_profiles
from finops.evaluate.engine import evaluate
from finops.publish.snapshot import build_snapshot
from finops.state import open_state

CONFIG = """apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: USD
http: {{listen: 127.0.0.1:{port}}}
sources: {{}}
dimensions:
{dimensions}
"""
_PATIENCE_SECONDS = 300


def prepare(folder: Path, rows: int, count: int) -> tuple[int, int]:
    """A configuration over the lake, and a stored snapshot of it; the port that it serves on, and the series."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "policies").mkdir(parents=True)
    shutil.copytree(ensure_lake(rows, periods=1), folder / "lake", copy_function=os.link)
    (folder / "policies" / "budgets.yaml").write_text(text(count), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    dimensions = "\n".join(f"  {name}: [{{tags: [{name}]}}, {{else: unallocated}}]" for name in DIMENSIONS)
    (folder / "finops.yaml").write_text(CONFIG.format(port=port, dimensions=dimensions), encoding="utf-8")
    return port, stored(folder, count)


def stored(folder: Path, count: int) -> int:
    """What an earlier run would have left; how many series it has."""
    lake = open_lake(folder / "lake")
    asked = policies(count)
    view = lake.at(lake.version())
    made = evaluate(asked, view, as_of=AS_OF, freshness=freshness(SOURCES[:1]), settings=SETTINGS)
    snapshot = build_snapshot(
        made, SETTINGS, evaluated_seconds=1.0, max_series=10_000, profiles=policy_profiles(), policies=asked
    )
    state = open_state("sqlite:///state.db", base=folder, clock=SystemClock())
    state.snapshots.save(snapshot.to_bytes(), snapshot.as_of)
    state.close()
    return sum(len(family) for family in snapshot.families)


class Started(NamedTuple):
    seconds: float
    cpu_seconds: float


def started(folder: Path, port: int) -> Started:
    """Until the page has verdicts; the service is stopped again."""
    command = [str(Path(sys.executable).with_name("finops")), "-c", str(folder / "finops.yaml"), "run"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while b"finops_policy_state{" not in page(port):
                if time.perf_counter() - began > _PATIENCE_SECONDS or process.poll() is not None:
                    raise SystemExit("the service did not show its verdicts")
                time.sleep(0.02)
            return Started(time.perf_counter() - began, cpu_seconds(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def page(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            content: bytes = answer.read()
            return content
    except (URLError, OSError):
        return b""


def imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import finops.service.service"], check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--policies", type=int, nargs="+", default=[100, 1_000])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} at the start; {given.rows:,} rows\n", flush=True)
    print("| policies | series in the snapshot | first /metrics, s | CPU s | imports, s |\n|---|---|---|---|---|")
    for count in given.policies:
        folder = DATA / f"start-{os.getpid()}"
        port, series = prepare(folder, given.rows, count)
        # each start comes from the same snapshot: what the service evaluates itself is put aside again
        state = (folder / "state.db").read_bytes()
        rounds, python = [], []
        for _ in range(given.rounds):
            for left in folder.glob("state.db*"):
                left.unlink()
            (folder / "state.db").write_bytes(state)
            rounds.append(started(folder, port))
            python.append(imports())
        seconds, cpu = (statistics.median(values) for values in zip(*rounds, strict=True))
        span = f"{min(rounds).seconds:.2f}–{max(rounds).seconds:.2f}"
        print(
            f"| {count:,} | {series:,} | {seconds:.2f} ({span}) | {cpu:.2f} | {statistics.median(python):.2f} |",
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
