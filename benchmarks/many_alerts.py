"""Ten thousand firing groups: how long an evaluation takes, and how long a reader waits for the pages about them.

    python -m benchmarks.many_alerts [--groups 10001] [--state sqlite:///state.db] [--profile evaluation]

A budget of one account each is exceeded in every group. Everything is real: bills in files, the lake, the state, the
application behind its edge, asked in this process. Prints a Markdown table; ``--profile`` prints where one step spends
its time instead.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl

from finops.app.clock import SystemClock
from finops.app.collection.source import collect
from finops.app.container import Container, open_container
from finops.app.exporters import metrics_exporter, pages_exporter
from finops.model.operations import Operations
from finops.model.period import month_start
from finops.service import wiring
from finops.web.application import api_of
from finops.web.edge.access import Access
from finops.web.edge.auth_middleware import Edge
from finops.web.edge.same_origin import Site
from finops.web.published import PublishedState
from finops.web.publisher import Publisher

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: "{state}"
currency: EUR
sources: {{bills: {{kind: focus-files, path: "./bills/*.csv"}}}}
receivers: {{hook: {{kind: webhook, url: "http://127.0.0.1:9/"}}}}
routes: [{{to: [hook]}}]
"""
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: accounts, owner: finance}
spec:
  group_by: [SubAccountId]
  period: year
  amount: 100 EUR
  alerts: [{when: spent > 100%, severity: critical}]
"""
ADDRESSES = ("/alerts", "/alerts?owner=finance", "/api/v1/alerts?limit=100", "/api/v1/alerts", "/", "/policies")
ROUNDS = 5


def write_bills(folder: Path, groups: int) -> None:
    """Two services for each account: 200 EUR, of which a fifth came last."""
    month = month_start(datetime.now(UTC).date())
    period = {
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{month_start(month, 1)}T00:00:00Z",
        "ChargePeriodStart": f"{month}T00:00:00Z",
        "ChargePeriodEnd": f"{month + timedelta(days=1)}T00:00:00Z",
    }
    names = {"BillingAccountId": "bench", "BillingCurrency": "EUR", "ChargeCategory": "Usage", "ProviderName": "Bench"}
    rows = pl.DataFrame({"SubAccountId": [f"{number:012}" for number in range(groups)]}).join(
        pl.DataFrame({"ServiceName": ["compute", "storage"], "EffectiveCost": ["160", "40"]}), how="cross"
    )
    costs = [pl.col("EffectiveCost").alias(name) for name in ("BilledCost", "ContractedCost", "ListCost")]
    rows = rows.with_columns(*costs, **{key: pl.lit(value) for key, value in {**period, **names}.items()})
    rows.with_columns(PublisherName=pl.lit("Bench")).write_csv(folder / "bills.csv")


@contextmanager
def collected(groups: int, state: str) -> Iterator[Container]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("bills", "policies"):
            (folder / part).mkdir()
        (folder / "finops.yaml").write_text(CONFIG.format(state=state), encoding="utf-8")
        (folder / "policies" / "accounts.yaml").write_text(POLICY, encoding="utf-8")
        write_bills(folder / "bills", groups)
        container = open_container(folder / "finops.yaml", SystemClock())
        try:
            run = collect(container.sources["bills"], container.lake, container.clock).run
            container.state.collections.record(run)
            yield container
        finally:
            container.close()


class Bench:
    """``profiled``: of which step the profile is printed."""

    def __init__(self, container: Container, profiled: str) -> None:
        self._profiled = profiled
        self.board = PublishedState()
        publisher = Publisher(self.board, metrics_exporter(), pages_exporter(), container.profiles)
        self._reader = wiring.operations_reader(container)
        self.publisher = publisher
        self.evaluations = wiring.evaluations(container, publisher, self.operations)
        app = api_of(self.board, container, signing_key=container.state.keys.signing_key)
        config = container.config
        self.app = Edge(app, self.board, Access.of(config.http.auth, config.base), Site.of(config.http.external_url))

    def operations(self, error: str) -> Operations:
        return self._reader.read(leader=True, evaluation_error=error)

    def evaluate(self) -> None:
        snapshot = self.evaluations.evaluate()
        assert snapshot is not None, self.evaluations.error

    def ask(self, address: str) -> None:
        """As the first reader after something was published."""
        self.publisher.refresh(self.operations(""))

        async def get() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.get(address)

        answer = asyncio.run(get())
        assert answer.status_code == 200, answer.text[:300]

    def timed(self, step: str, work: Callable[[], None], rounds: int = 1) -> None:
        if self._profiled and self._profiled in step:
            with cProfile.Profile() as profile:
                work()
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
            return
        took, worked = [], []
        for _ in range(rounds):
            started, worked_before = time.perf_counter(), time.process_time()
            work()
            took.append(time.perf_counter() - started)
            worked.append(time.process_time() - worked_before)
        print(f"| {step} | {statistics.median(took):.2f} | {statistics.median(worked):.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=10_001)
    parser.add_argument("--state", default="sqlite:///state.db")
    parser.add_argument("--profile", default="", help="a part of a step's name")
    arguments = parser.parse_args()
    with collected(arguments.groups, arguments.state) as container:
        bench = Bench(container, arguments.profile)
        print(f"| {arguments.groups:,} firing groups | s | CPU s |\n|---|---|---|")
        bench.timed("evaluation in which all begin to fire", bench.evaluate)
        bench.timed("evaluation that changes nothing", bench.evaluate, 3)
        for address in ADDRESSES:
            bench.timed(address, lambda address=address: bench.ask(address), ROUNDS)  # type: ignore[misc]


if __name__ == "__main__":
    main()
