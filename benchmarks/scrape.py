"""Scrapes under load: this service's `/metrics` beside prometheus_client's own server, with the same series.

    python -m benchmarks.scrape [--series 1000 10000 100000] [--scrapers 50] [--seconds 10] [--without-peer]

Series of costs; and all families of 1,000 budgets with 100 groups each (`--groups`), which are nine series a group.
First the rendering of a page in both formats, beside `generate_latest` in one: processor time of all threads, in turn.

Every server runs in a process of its own; the load comes from wrk where it is installed, otherwise from a second Python
process. Prints a Markdown table. The peer needs minutes at 100,000 series: it renders anew for each scrape.
"""

# ruff: noqa: PLC0415 - each process imports its own side only, so that peaks of memory are its own
from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from finops.config.plugins import policy_profiles

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from finops.model.family import Family

LABELS = ("provider", "account", "service", "team", "cost", "currency")
PEER_SECONDS = {1_000: 15, 10_000: 40, 100_000: 120}
"""Long enough that some scrapes end; those that do not are no part of the figures, which flatters them."""


def series(count: int) -> Iterator[tuple[tuple[str, ...], float]]:
    for number in range(count):
        account, service = f"{number // 80:012}", f"Service number {number % 80}"
        yield ("Amazon Web Services", account, service, f"team-{number % 37}", "effective", "EUR"), number * 1.2345


def costs(count: int) -> tuple[Family, ...]:
    from finops.model.family import Family, FamilyType

    family = Family("finops_cost_month_to_date_amount", FamilyType.GAUGE, "Cost.", LABELS)
    return (family.filled(series(count)),)


def verdicts(count: int) -> tuple[Family, ...]:
    """Families of ``count`` groups, a hundred for each budget."""
    from dataclasses import replace

    from finops.config.plugins import policy_profiles
    from finops.publish.policy_families import policy_families
    from tests.support.snapshots import budget

    one = budget("budget")
    places = ((f"budget-{number // 100:05}", f"{100_000_000_000 + number % 100}") for number in range(count))
    findings = [replace(one, policy=policy, group={"SubAccountId": account}) for policy, account in places]
    return tuple(family for family in policy_families(findings, policy_profiles()) if len(family))


def registry_of(count: int) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry()
    gauge = Gauge("finops_cost_month_to_date_amount", "Cost.", LABELS, registry=registry)
    for values, value in series(count):
        gauge.labels(*values).set(value)
    return registry


def render(count: int, rounds: int = 5) -> str:
    """A line of the table of rendering."""
    from prometheus_client import generate_latest

    from finops_exporters.prometheus import openmetrics_text, text, written

    families, registry = costs(count), registry_of(count)

    def ours() -> None:
        lines = written(families)
        text(lines)
        openmetrics_text(lines)

    taken: list[list[float]] = [[], []]
    for _ in range(rounds):
        for own, work in zip(taken, (ours, lambda: generate_latest(registry)), strict=True):
            began = time.process_time()
            work()
            own.append(time.process_time() - began)
    own, peer = (statistics.median(values) * 1000 for values in taken)
    return f"| {count:,} | {own:,.1f} | {peer:,.1f} | {own / peer:.3f} |"


def serve_ours(count: int, families: Callable[[int], tuple[Family, ...]]) -> None:
    from datetime import UTC, datetime

    from finops.app.clock import SystemClock
    from finops.model.data_version import DataVersion
    from finops.model.operations import Operations
    from finops.model.snapshot import Snapshot
    from finops.web import Access, HttpServer, PublishedState, Publisher, Site
    from finops.web.application import api_of
    from finops.web.edge.auth_middleware import Edge
    from finops_exporters.pages import PagesExporter
    from finops_exporters.prometheus import PrometheusExporter
    from tests.integration.web.project import empty_container

    moment = datetime(2026, 3, 20, tzinfo=UTC)
    made = Snapshot(moment, 0.0, DataVersion(), "UTC", (), (), families(count), {})
    board = PublishedState()
    Publisher(board, PrometheusExporter(), PagesExporter(), policy_profiles()).publish(made, Operations())
    app = Edge(api_of(board, empty_container(SystemClock()), signing_key=lambda: bytes(32)), board, Access(), Site())
    server = HttpServer(app, host="127.0.0.1", port=0)
    print(server.url, flush=True)
    server.run()


def serve_peer(count: int) -> None:
    from prometheus_client import start_http_server

    server, _ = start_http_server(0, "127.0.0.1", registry=registry_of(count))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Event().wait()


@contextmanager
def served(kind: str, count: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks.scrape", "--serve", kind, "--series", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            yield f"{url}/metrics", process
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Load:
    p50_ms: float
    p99_ms: float
    per_second: float
    errors: int


def load(url: str, scrapers: int, seconds: float) -> Load:
    if shutil.which("wrk"):
        return with_wrk(url, scrapers, seconds)
    command = [
        sys.executable,
        "-m",
        "benchmarks.scrape",
        "--load",
        url,
        "--scrapers",
        str(scrapers),
        "--seconds",
        str(seconds),
    ]
    return Load(**json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def with_wrk(url: str, scrapers: int, seconds: float) -> Load:
    command = ["wrk", "-t1", f"-c{scrapers}", f"-d{seconds:.0f}s", "--timeout", "600s", "--latency"]
    result = subprocess.run(
        [*command, "-H", "Accept-Encoding: gzip", url], capture_output=True, text=True, check=True
    ).stdout
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", result)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
    return Load(
        p50_ms=_milliseconds(result, "50%"),
        p99_ms=_milliseconds(result, "99%"),
        per_second=float(re.search(r"Requests/sec:\s+([\d.]+)", result)[1]),  # type: ignore[index]
        errors=sum(map(int, errors.groups())) if errors else 0 + (int(refused[1]) if refused else 0),
    )


def _milliseconds(result: str, share: str) -> float:
    number, unit = re.search(rf"\s{share}\s+([\d.]+)(us|ms|s|m)\s", result).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


async def with_python(url: str, scrapers: int, seconds: float) -> Load:
    """The same load without wrk; it costs more itself, so that its figures are higher."""
    place = urlsplit(url)
    request = f"GET {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    begin = time.perf_counter()
    end = begin + seconds
    taken: list[float] = []
    errors = 0

    async def scrape() -> None:
        nonlocal errors
        writer = None
        while (start := time.perf_counter()) < end:
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection(place.hostname, place.port)
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = re.search(rb"content-length: (\d+)", head)
                await (reader.readexactly(int(length[1])) if length else reader.read())
                taken.append(time.perf_counter() - start)
                if not length or head.startswith(b"http/1.0") or b"connection: close" in head:
                    writer.close()
                    writer = None
            except (OSError, asyncio.IncompleteReadError):
                errors += 1
                writer = None

    await asyncio.gather(*(scrape() for _ in range(scrapers)))
    shares = statistics.quantiles(taken, n=100)
    return Load(shares[49] * 1000, shares[98] * 1000, len(taken) / (time.perf_counter() - begin), errors)


def memory_mib(pid: int) -> float:
    """The process's peak, from Linux's own account of it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--scrapers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("--groups", type=int, default=100_000, help="0 leaves the verdicts out")
    parser.add_argument("--serve", choices=["ours", "verdicts", "peer"], help=argparse.SUPPRESS)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    if options.serve:
        count = options.series[0]
        if options.serve == "peer":
            serve_peer(count)
        else:
            serve_ours(count, costs if options.serve == "ours" else verdicts)
        return
    if options.load:
        found = asyncio.run(with_python(options.load, options.scrapers, options.seconds))
        print(json.dumps({field: getattr(found, field) for field in Load.__dataclass_fields__}))
        return
    print(f"load {os.getloadavg()[0]:.1f} at the start\n")
    print("| series | rendering both formats, ms | generate_latest, ms | ratio |\n|---|---|---|---|")
    for count in options.series:
        print(render(count), flush=True)
    fast = [name for name in ("uvloop", "httptools") if importlib.util.find_spec(name)]
    print(f"\n{options.scrapers} scrapers, gzip, load from {'wrk' if shutil.which('wrk') else 'Python'};", end=" ")
    print(f"uvicorn with {' and '.join(fast) or 'asyncio and h11'}\n")
    print("| server | series | p50 ms | p99 ms | scrapes a second | errors | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for kind, name, counts in (
        ("ours", "this service", options.series),
        ("verdicts", "this service, groups with 9 series each", [options.groups] if options.groups else []),
        ("peer", "prometheus_client", [] if options.without_peer else options.series),
    ):
        for count in counts:
            seconds = options.seconds if kind != "peer" else PEER_SECONDS.get(count, options.seconds)
            with served(kind, count) as (url, process):
                load(url, 2, 1)
                found = load(url, options.scrapers, seconds)
                peak = memory_mib(process.pid)
            print(
                f"| {name} | {count:,} | {found.p50_ms:,.1f} | {found.p99_ms:,.1f} | {found.per_second:,.1f}"
                f" | {found.errors:,} | {peak:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
