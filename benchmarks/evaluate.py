"""Evaluations of many budgets over a lake: cold, in the running service, and beside engines without a rollup.

    python -m benchmarks.evaluate [--rows 10000000] [--policies 10 100 1000 10000] [--rounds 3]

*bare* scans the columns that the budgets name, and the cost, of the table ``costs``, and adds the cost up. *cold* opens
the lake, evaluates and keeps nothing; *service* evaluates again a minute later with what it remembers, the data being
the same.
Policies are read before. *Sums and verdicts* leaves out what everything costs (the metric families of costs).
Seconds are those of the processor, of all threads: other work on the machine matters less.
Peers, up to 100 policies: for each a filtered sum by day, all in one pass (Polars, DuckDB, and ClickHouse where the
package chdb is installed: it is in the dependency group ``bench``).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count as count_from
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.lakes import SOURCES, ensure_lake, open_lake
from benchmarks.many_policies import DIMENSIONS, policies, scopes
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.engine import evaluate
from finops.evaluate.judgement.moment import Moment
from finops.model.evaluation import Settings
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness

AS_OF = datetime(2026, 9, 28, 6, tzinfo=UTC)
SETTINGS = Settings(currency="USD", dimensions=DIMENSIONS)
_COLUMNS = ("SubAccountId", "ServiceName", "RegionId", "Tags", "ChargePeriodStart", "EffectiveCost")
_TAG_OF_CLICKHOUSE = "JSONExtractString(Tags, '{0}') AS {0}"
_TAG = "json_extract_string(Tags, '$.{0}') AS {0}"
PEER_POLICIES = 100
"""More would take minutes each: the peers' time grows with the policies, so their ratio only gets worse."""


def freshness(sources: tuple[str, ...]) -> list[SourceFreshness]:
    through = datetime(2026, 9, 28, tzinfo=UTC)
    return [SourceFreshness(source, "focus-files", AS_OF, through) for source in sources]


def run(
    folder: Path,
    asked: list[Policy],
    *,
    cache: EvaluationCache | None = None,
    sources: tuple[str, ...] = SOURCES[:1],
    as_of: datetime = AS_OF,
) -> int:
    lake = open_lake(folder)
    view = lake.at(lake.version())
    done = evaluate(asked, view, as_of=as_of, freshness=freshness(sources), settings=SETTINGS, cache=cache)
    return len(done.findings)


def cases(folder: Path, asked: list[Policy]) -> int:
    """Reading, summing and judging alone."""
    lake = open_lake(folder)
    moment = Moment(AS_OF, SETTINGS)
    found = list(build_cases(asked, lake.at(lake.version()), moment, freshness(SOURCES[:1])))
    return len([case.rule.judge(case.facts) for case in found])


def bare(folder: Path) -> float:
    costs = pl.scan_parquet(folder / "costs" / "**" / "*.parquet", hive_partitioning=False)
    sums = costs.select(pl.col(name).len() if name != "EffectiveCost" else pl.col(name).sum() for name in _COLUMNS)
    return float(sums.collect(engine="streaming")["EffectiveCost"][0])


def with_polars(folder: Path, count: int) -> int:
    """One pass with a filtered sum a policy."""
    by_name = {policy.name: policy.spec.envelope.condition for policy in policies(count)}
    rows = pl.scan_parquet(folder / "costs" / "**" / "*.parquet", hive_partitioning=False)
    tags = [pl.col("Tags").str.json_path_match(f"$.{name}").alias(name) for name in DIMENSIONS]
    filtered = [
        pl.col("EffectiveCost").filter(condition.expression()).sum().alias(name)
        for name, condition in by_name.items()
        if condition is not None
    ]
    day = pl.col("ChargePeriodStart").dt.date().alias("day")
    return rows.with_columns(*tags, day).group_by("day").agg(filtered).collect(engine="streaming").height


def with_duckdb(folder: Path, count: int) -> int:
    tags = ", ".join(_TAG.format(name) for name in DIMENSIONS)
    sums = ", ".join(f"sum(EffectiveCost) FILTER ({scope})" for scope, _ in scopes(count))
    rows = f"SELECT *, {tags} FROM read_parquet('{folder}/costs/**/*.parquet', hive_partitioning=false)"
    with duckdb.connect() as connection:
        return len(connection.sql(f"SELECT ChargePeriodStart::DATE, {sums} FROM ({rows}) GROUP BY 1").fetchall())


def with_clickhouse(folder: Path, count: int) -> int:
    import chdb  # noqa: PLC0415 - 500 MB that nothing else needs

    tags = ", ".join(_TAG_OF_CLICKHOUSE.format(name) for name in DIMENSIONS)
    sums = ", ".join(f"sumIf(EffectiveCost, {scope})" for scope, _ in scopes(count))
    columns = ", ".join(name for name in _COLUMNS if name != "Tags")
    rows = f"SELECT {columns}, {tags} FROM file('{folder.resolve()}/costs/**/*.parquet', Parquet)"
    found = chdb.query(f"SELECT toDate(ChargePeriodStart) AS day, {sums} FROM ({rows}) GROUP BY day", "CSV")
    return len(str(found).splitlines())


PEERS: dict[str, Callable[[Path, int], int]] = {
    "Polars": with_polars,
    "DuckDB": with_duckdb,
    "ClickHouse": with_clickhouse,
}


def timed(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--policies", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-peers", action="store_true")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} at the start")
    peers_here = dict(PEERS)
    if importlib.util.find_spec("chdb") is None:
        del peers_here["ClickHouse"]
        print("ClickHouse is left out: chdb is not installed (pip install --group bench)")
    asked = {count: policies(count) for count in given.policies}
    for rows in given.rows:
        folder = ensure_lake(rows, periods=1)
        scan = timed(lambda folder=folder: bare(folder), given.rounds)  # type: ignore[misc] # binds the loop's own
        print(f"\n{rows:,} rows: a bare scan of the needed columns takes {scan:.2f} s\n")
        names = " | ".join(peers_here)
        print(f"| policies | cold, s | bare scans | sums and verdicts, s | service, s | ms a policy | {names} |")
        print("|---" * (6 + len(peers_here)) + "|")
        for count, own in asked.items():
            cache = EvaluationCache()
            cold = timed(lambda own=own, folder=folder: run(folder, own), given.rounds)  # type: ignore[misc] # as above
            alone = timed(lambda own=own, folder=folder: cases(folder, own), given.rounds)  # type: ignore[misc] # as above
            run(folder, own, cache=cache)
            moments = (AS_OF + timedelta(minutes=number) for number in count_from(1))
            again = timed(
                lambda own=own, cache=cache, folder=folder, moments=moments: run(  # type: ignore[misc] # as above
                    folder, own, cache=cache, as_of=next(moments)
                ),
                given.rounds,
            )
            peers = ["–"] * len(peers_here)
            if count <= PEER_POLICIES and not given.without_peers:
                took = [
                    timed(lambda way=way, count=count, folder=folder: way(folder, count), 1)  # type: ignore[misc] # as above
                    for way in peers_here.values()
                ]
                peers = [f"{seconds:.1f} ({seconds / cold:.0f} ×)" for seconds in took]
            print(
                f"| {count:,} | {cold:.2f} | {cold / scan:.2f} | {alone:.2f} | {again:.3f} | {again / count * 1000:.2f}"
                f" | {' | '.join(peers)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
