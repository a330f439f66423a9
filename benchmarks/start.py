"""From ``finops run`` to the first ``/metrics`` with series, on a big lake, from a snapshot that an earlier run stored.

    python -m benchmarks.start [--rows 10000000] [--policies 100] [--rounds 3]

*python* is the interpreter with the imports of the service alone.
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
from urllib.error import URLError

from benchmarks.lakes import DATA, ensure_lake
from benchmarks.many_policies import DIMENSIONS, text

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


def prepare(folder: Path, rows: int, policies: int) -> int:
    """A configuration over the lake; the port that it serves on."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "policies").mkdir(parents=True)
    shutil.copytree(ensure_lake(rows, periods=1), folder / "lake", copy_function=os.link)
    (folder / "policies" / "budgets.yaml").write_text(text(policies), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    dimensions = "\n".join(f"  {name}: [{{tags: [{name}]}}, {{else: unallocated}}]" for name in DIMENSIONS)
    (folder / "finops.yaml").write_text(CONFIG.format(port=port, dimensions=dimensions), encoding="utf-8")
    return port


def started(folder: Path, port: int) -> float:
    """Seconds until the page has verdicts; the service is stopped again."""
    command = [str(Path(sys.executable).with_name("finops")), "-c", str(folder / "finops.yaml"), "run"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while b"finops_policy_state{" not in page(port):
                if time.perf_counter() - began > _PATIENCE_SECONDS or process.poll() is not None:
                    raise SystemExit("the service did not show its verdicts")
                time.sleep(0.02)
            return time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)


def page(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            content: bytes = answer.read()
            return content
    except (URLError, OSError):
        return b""


def imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import finops.runtime.service"], check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--policies", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = DATA / "start"
    port = prepare(folder, given.rows, given.policies)
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    first = started(folder, port)
    again = [started(folder, port) for _ in range(given.rounds)]
    python = [imports() for _ in range(given.rounds)]
    print(f"| {given.rows:,} rows, {given.policies:,} policies | s |\n|---|---|")
    print(f"| the first start: evaluated, then shown | {first:.1f} |")
    print(f"| from the stored snapshot | {statistics.median(again):.2f} |")
    print(f"| of it python and its imports | {statistics.median(python):.2f} |")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
