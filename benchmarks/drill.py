"""Two replicas under a random schedule of faults: what is late, lost, doubled or wrong, and how long nobody leads.

    python -m benchmarks.drill [--minutes 30] [--seed 1]

The replicas share a real PostgreSQL and an S3 server (moto), and deliver to a webhook, a mail server and, where it is
installed, an Alertmanager. Every few seconds a bill with a new service arrives, of which every receiver must be told
once. Meanwhile ``drill_schedule`` kills and stops replicas, sets their clocks, lets receivers hang and drip, restarts
the database, and so on. The seed is printed first: it reproduces the schedule. Prints Markdown; exit status 1 when
something was lost, doubled or wrong, or sums differ. A full disk needs root, for a small file system
in memory.
"""

from __future__ import annotations

import argparse
import logging
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import boto3
import httpx
import polars as pl
from botocore.config import Config as BotoConfig

from benchmarks.drill_faults import Act, acts_of
from benchmarks.drill_replica import MONTHS, Replica
from benchmarks.drill_schedule import CALM_SECONDS, Count, count, schedule
from benchmarks.drill_servers import Servers, all_servers
from finops.app.clock import SystemClock
from finops.app.container import open_container
from finops.model.period import month_start

PROBE_SECONDS = 20.0
LATE_SECONDS = 90.0
PATIENCE_SECONDS = 300.0
"""After the schedule, for what has not arrived yet: only what does not come then is lost."""
STOP_SECONDS = 10.0
SEEN_SECONDS = 3.0
"""A leader was seen within these: metrics are rendered every few seconds, and the machine is busy."""
AMOUNT = Decimal(150)

Ends = queue.PriorityQueue[tuple[float, int, Act]]
"""When, and how, faults end that have begun."""


@dataclass(slots=True)
class Drill:
    folder: Path
    seed: int
    seconds: float
    servers: Servers
    replicas: list[Replica] = field(default_factory=list)
    written: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    leaderless: list[float] = field(default_factory=list)
    unevaluated: float = 0.0
    two_leaders: float = 0.0
    slow_stops: int = 0

    def run(self, stack: ExitStack) -> None:
        for number in (0, 1):
            self.replicas.append(Replica(self.folder / f"replica-{number}", self.servers))
            stack.callback(self.replicas[-1].end)
        over = threading.Event()
        watches = [one.watch for one in self.replicas]
        for work in (*watches, self._watch_replicas, self._watch_alerts, self._write_bills):
            threading.Thread(target=work, args=(over,), daemon=True).start()
        self._break_things()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and (self._missing() or self._found().lost):
            self._wait(time.monotonic() + 1, Ends())
        over.set()
        self._stop_replicas()

    def _write_bills(self, over: threading.Event) -> None:
        s3, started = boto3.client("s3", config=BotoConfig(retries={"max_attempts": 10})), time.monotonic()
        while not over.wait(PROBE_SECONDS) and time.monotonic() - started < self.seconds - CALM_SECONDS:
            name = f"probe-{len(self.written) + 1:04}"
            s3.put_object(
                Bucket="drill",
                Key=f"bills/{name}.csv",
                Body=_bill(name, len(self.written) % MONTHS).write_csv().encode(),
            )
            self.written[name] = time.monotonic()
            print(f"{time.monotonic() - started:6.0f} s  {name} is written", flush=True)

    def _watch_replicas(self, over: threading.Event) -> None:
        gap, before = 0.0, time.monotonic()
        while not over.wait(0.25):
            now = time.monotonic()
            if max(one.led_at for one in self.replicas) < 0:
                before = now
                continue  # they have not started yet
            leaders = sum(now - one.led_at < SEEN_SECONDS for one in self.replicas)
            self.two_leaders += (now - before) if leaders > 1 else 0
            if leaders and gap:
                self.leaderless.append(gap)
            gap = 0.0 if leaders else gap + now - before
            before = now
            if (evaluated_at := max(one.evaluated_at for one in self.replicas)) > 0:
                self.unevaluated = max(self.unevaluated, now - evaluated_at)

    def _watch_alerts(self, over: threading.Event) -> None:
        while not over.wait(1):
            for one in self.replicas:
                with suppress(httpx.HTTPError, ValueError, KeyError, TypeError):
                    found = httpx.get(f"{one.url}/api/v1/alerts?limit=1000", timeout=2).json()
                    for alert in found:
                        self.seen.setdefault(alert["group"]["ServiceName"], time.monotonic())

    def _break_things(self) -> None:
        started, ends = time.monotonic(), Ends()
        for number, fault in enumerate(schedule(self.seed, self.seconds)):
            self._wait(started + fault.at, ends)
            begin, end = acts_of(fault, self.servers, self.replicas)
            print(f"{fault.at:6.0f} s  {fault.kind.value} ({fault.seconds:.0f} s)", flush=True)
            begin()
            ends.put((started + fault.at + fault.seconds, number, end))
        self._wait(started + self.seconds, ends)

    def _wait(self, until: float, ends: Ends) -> None:
        while (now := time.monotonic()) < until:
            while not ends.empty() and ends.queue[0][0] <= now:
                ends.get()[2]()
            for one in self.replicas:
                one.keep()
            time.sleep(0.1)

    def _stop_replicas(self) -> None:
        for one in self.replicas:
            one.signal(signal.SIGTERM)
        for one in self.replicas:
            try:
                self.slow_stops += one.process.wait(STOP_SECONDS + 1) != 0
            except subprocess.TimeoutExpired:
                self.slow_stops += 1

    def report(self) -> bool:
        """Prints it; whether nothing was lost, doubled or wrong."""
        found = self._found()
        sums = self._unequal_sums()
        waits = {name: self.seen[name] - at for name, at in self.written.items() if name in self.seen}
        late = {name: wait for name, wait in waits.items() if wait > LATE_SECONDS}
        never = self._missing()
        rows = {
            "bills written, each to be told of once by each receiver": len(self.written),
            f"verdicts later than {LATE_SECONDS:.0f} s, or never": len(late) + len(never),
            "the latest verdict, s": round(max(waits.values(), default=0)),
            "lost messages": len(found.lost),
            "duplicated messages": len(found.duplicates),
            "repeats under the same key, which receivers drop": found.repeats,
            "wrong messages": len(found.wrong),
            "unequal sums": len(sums),
            "seconds without a leader": round(sum(self.leaderless)),
            "the longest of them": round(max(self.leaderless, default=0)),
            "seconds with two leaders, as their metrics say": round(self.two_leaders),
            "the longest time without a new evaluation, s": round(self.unevaluated),
            "stops that took longer than 10 s or failed": self.slow_stops,
        }
        print(f"\n| seed {self.seed}, {self.seconds / 60:.0f} minutes | |\n|---|---|")
        for name, value in rows.items():
            print(f"| {name} | {value} |")
        slowest = sorted(waits, key=lambda name: -waits[name])[:3]
        print(f"\nThe latest: {', '.join(f'{name} after {waits[name]:.0f} s' for name in slowest)}")
        for line in (*found.lost, *found.duplicates, *found.wrong, *sums, *never):
            print(f"- {line}")
        return not (found.lost or found.duplicates or found.wrong or sums or never)

    def _missing(self) -> list[str]:
        """What no evaluation has noticed."""
        return [name for name in self.written if name not in self.seen]

    def _found(self) -> Count:
        arrivals = [*self.servers.hook.arrivals, *self.servers.mail.arrivals]
        amount = str(AMOUNT.quantize(Decimal("0.01")))
        found = count(dict.fromkeys(self.written, amount), arrivals, ("hook", "mail"))
        if self.servers.alertmanager:
            alerts = httpx.get(f"{self.servers.alertmanager}/api/v2/alerts").json()
            active = {one["labels"].get("ServiceName") for one in alerts}
            found = Count(
                [*found.lost, *(f"prom: {name}" for name in self.written if name not in active)],
                found.duplicates,
                [*found.wrong, *(f"prom: {name}" for name in active - self.written.keys())],
                found.repeats,
            )
        return found

    def _unequal_sums(self) -> list[str]:
        container = open_container(self.replicas[0].folder / "finops.yaml", SystemClock())
        try:
            wrong = [f"{one.source} {one.billing_period}: {one.what}" for one in container.lake.reconcile()]
            rows = container.lake.at(container.lake.version()).costs_daily().select(pl.col("EffectiveCost").sum())
            total = rows.collect().item() or Decimal(0)
        finally:
            container.close()
        expected = AMOUNT * len(self.written)
        return wrong if total == expected else [*wrong, f"the lake holds {total}, {expected} were written"]


def _bill(service: str, months_ago: int) -> pl.DataFrame:
    month = month_start(datetime.now(UTC).date(), -months_ago)
    period = {
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{month_start(month, 1)}T00:00:00Z",
        "ChargePeriodStart": f"{month}T00:00:00Z",
        "ChargePeriodEnd": f"{month + timedelta(days=1)}T00:00:00Z",
    }
    amounts = dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), str(AMOUNT))
    names = {"BillingAccountId": "drill", "BillingCurrency": "EUR", "ChargeCategory": "Usage", "ProviderName": "Drill"}
    return pl.DataFrame([{**period, **amounts, **names, "ServiceName": service, "PublisherName": "Drill"}])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(f"seed {arguments.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    with all_servers(folder) as servers, ExitStack() as stack:
        drill = Drill(folder, arguments.seed, arguments.minutes * 60, servers)
        drill.run(stack)
        fine = drill.report()
    if not fine:
        print(f"logs: {folder}")
        raise SystemExit(1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
