"""The same work by one process and on a Spark cluster of one master and two workers, on the same two cores.

    python -m benchmarks.spark                       # 1 and 10 million rows: about ten minutes
    python -m benchmarks.spark --rows 1000000
    python -m benchmarks.spark --rows 10000000 --files 4 --rounds 1

Four kinds of work, each on its own lake: reading the files into the lake (*ingest*), a rollup of other days made anew
(*rollup*), 100 policies over the rollup (*policies*), one over single rows (*rows*). *session* is what a cluster costs
before it does anything. Both ways' findings are compared, to the last byte. Each figure is printed as soon as it is
known, so that a run that is ended early has said something.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.rows import ensure
from finops.app.clock import FixedClock
from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.model.finding import Finding
from tests.servers.spark import running_cluster

NOW = datetime(2026, 10, 2, 6, tzinfo=UTC)
CONFIG = """\
apiVersion: finops/v1
policies: ./policies.yaml
lake: ./lake
state: sqlite:///state.db
currency: USD
sources: {{bills: {{kind: focus-files, path: {data}}}}}
dimensions: {{team: [{{tags: [team]}}], product: [{{tags: [product]}}]}}
"""
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {{name: {name}, owner: o}}
spec:
  scope: {scope}
  period: month
  amount: 1000000000 USD
  alerts: [{{when: spent > 100%, severity: info}}]
"""


def project(folder: Path, data: Path, engine: object) -> Container:
    """One policy a team-and-account, and ``rows``, which asks for single rows."""
    folder.mkdir()
    scopes = {f"p{number}": f"SubAccountId LIKE '%{number:02}'" for number in range(100)}
    scopes["rows"] = "ResourceId LIKE '%7'"
    policies = [POLICY.format(name=name, scope=scope) for name, scope in scopes.items()]
    (folder / "policies.yaml").write_text("---\n".join(policies), encoding="utf-8")
    tail = f"engine: {json.dumps(engine)}\n" if engine else ""
    (folder / "finops.yaml").write_text(CONFIG.format(data=data) + tail, encoding="utf-8")
    return open_container(folder / "finops.yaml", FixedClock(NOW))


def measure(container: Container, where: str, rounds: int) -> tuple[dict[str, float], list[Finding]]:
    """Seconds of each kind of work, the least of ``rounds`` where it can be repeated."""
    found: dict[str, float] = {}

    def take(work: str, do: Callable[[], object], rounds: int = 1) -> None:
        found[work] = min(_seconds(do) for _ in range(rounds))
        print(f"  {where}: {work} {found[work]:.1f} s, load {os.getloadavg()[0]:.1f}", flush=True)

    take("ingest", lambda: _collected(container))
    lake = container.lake_with(container.config.dimensions, ZoneInfo("Asia/Tokyo"))
    take("rollup", lake.heal)
    container.evaluator.evaluate(NOW)  # brings the rollup of its own days back
    names = [f"p{number}" for number in range(100)]
    take("policies", lambda: container.evaluator.evaluate(NOW, names), rounds)
    take("rows", lambda: container.evaluator.evaluate(NOW, ["rows"]), rounds)
    return found, list(container.evaluator.evaluate(NOW).evaluation.findings)


def _collected(container: Container) -> None:
    """Raises where a bill did not arrive: a failure would be quick."""
    if collect_all(container.collectors).exit_status != 0:
        raise SystemExit("the bills were not collected; the log above says why")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, action="append")
    arguments.add_argument("--files", type=int, default=8)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    for rows in given.rows or [1_000_000, 10_000_000]:
        data = ensure(rows, f"parquet-{given.files}")
        with tempfile.TemporaryDirectory(prefix="finops-spark-") as name:
            _compare(Path(name), data, rows, given.rounds)


def _compare(folder: Path, data: Path, rows: int, rounds: int) -> None:
    local = project(folder / "local", data, None)
    here, findings = measure(local, "one process", rounds)
    local.close()
    (folder / "cluster").mkdir()
    started = time.perf_counter()
    with running_cluster(folder / "cluster", worker_memory="2g", executor_memory="1g") as cluster:
        options = {"kind": "spark", "master": cluster.master, "options": cluster.options}
        spark = project(folder / "spark", data, options)
        engine = spark.engine
        assert engine is not None
        session = _seconds(lambda: engine.each([_nothing, _nothing]))
        there, theirs = measure(spark, "cluster", rounds)
        spark.close()
    same = [one.to_json() | {"data_version": None} for one in theirs] == [
        one.to_json() | {"data_version": None} for one in findings
    ]
    print(f"\n{rows:,} rows, load {os.getloadavg()[0]:.1f}, in all {time.perf_counter() - started:.0f} s")
    print(f"session and first task {session:.1f} s; findings equal: {same}")
    for work, seconds in here.items():
        print(f"| {work} | {seconds:.1f} | {there[work]:.1f} | {there[work] / seconds:.1f} |")


def _nothing() -> None: ...


if __name__ == "__main__":
    main()
