"""Pages under load: 50 readers and 50 scrapers at once while a demo collects, and the server's own time for each page.

    python -m benchmarks.pages [--readers 50] [--scrapers 50] [--seconds 15] [--policies 1000]

The service runs in a process of its own; its bills are collected anew by another process meanwhile. Each
reader asks for one page after the other, each scraper for the metrics. Prints two Markdown tables.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

from finops.config.plugins import policy_profiles
from finops.model.finding import Severity, State
from finops.ports.pages import PageRequest
from finops_exporters.pages import PagesExporter
from tests.support.snapshots import budget, evaluation, snapshot
from tests.unit.exporters.pages_read import ANNA, StillFacts

PAGES = ("/", "/policies", "/policies/checkout-monthly", "/policies/cost-per-order", "/alerts", "/sources")


def server_time(policies: int) -> None:
    """How long a page takes that nobody asked for since the evaluation: the median of 20."""
    found = [budget(f"p{number:04}", owner=f"team-{number % 40}") for number in range(policies)]
    loud = [
        replace(one, state=State.FIRING, severity=Severity.WARNING, measure="pace", value=1.2, limit=1.1)
        for one in found[: policies // 10]
    ]
    made = snapshot(evaluation((*loud, *found[policies // 10 :])))
    pages = PagesExporter().render(made, policy_profiles())
    print(f"| page at {policies:,} policies | ms |\n|---|---|")
    for address in ("/", "/?owner=team-7", "/policies", "/policies/p0001", "/sources"):
        path, _, query = address.partition("?")
        asked = PageRequest(path, dict(parse_qsl(query)), ANNA)
        took = []
        for _ in range(20):
            started = time.perf_counter()
            assert pages.page(asked, StillFacts()) is not None
            took.append((time.perf_counter() - started) * 1000)
        print(f"| {address} | {statistics.median(took):.1f} |")


async def load(url: str, readers: int, scrapers: int, seconds: float) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    errors: list[str] = []
    end = time.monotonic() + seconds

    async def ask(client: httpx.AsyncClient, path: str, name: str) -> None:
        started = time.perf_counter()
        try:
            answer = await client.get(path)
        except httpx.HTTPError as error:
            errors.append(f"{name}: {type(error).__name__}")
            return
        took[name].append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            errors.append(f"{name}: {answer.status_code}")

    async def reader(client: httpx.AsyncClient, first: int) -> None:
        number = first
        while time.monotonic() < end:
            await ask(client, PAGES[number % len(PAGES)], "pages")
            number += 1
            await asyncio.sleep(1)  # people look at a page before they open the next

    async def scraper(client: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            await ask(client, "/metrics", "metrics")
            await asyncio.sleep(1)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        tasks = [reader(client, number) for number in range(readers)] + [scraper(client) for _ in range(scrapers)]
        await asyncio.gather(*tasks)
    took["errors"] = [len(errors)]
    print(*sorted(set(errors))[:5], sep="\n", file=sys.stderr)
    return took


def under_load(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        finops = [sys.executable, "-m", "finops"]
        subprocess.run(
            [*finops, "demo", "--days", "200", "--no-serve", "--out", str(out)], check=True, capture_output=True
        )
        config = out / "finops.yaml"
        text = config.read_text(encoding="utf-8").replace("127.0.0.1:9700", "127.0.0.1:0")
        config.write_text(text, encoding="utf-8")
        with subprocess.Popen(
            [*finops, "run", "-c", str(config)], stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
        ) as service:
            assert service.stderr is not None
            url = next(line for line in service.stderr if "http://" in line).rpartition(" ")[2].strip()
            assert urlsplit(url).port
            while httpx.get(f"{url}/readyz", timeout=60).status_code != 200:
                time.sleep(0.2)
            asked = [*finops, "collect", "-c", str(config)]
            with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
                took = asyncio.run(load(url, arguments.readers, arguments.scrapers, arguments.seconds))
            service.terminate()
            service.stderr.read()
    print("| asked for | requests | p50 ms | p99 ms |\n|---|---|---|---|")
    for name in ("pages", "metrics"):
        cuts = statistics.quantiles(took[name], n=100)
        print(f"| {name} | {len(took[name]):,} | {cuts[49]:.0f} | {cuts[98]:.0f} |")
    print(f"\nErrors: {took['errors'][0]:.0f}. Load beside it: {os.getloadavg()[0]:.1f}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--scrapers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--policies", type=int, default=1000)
    arguments = parser.parse_args()
    server_time(arguments.policies)
    print()
    under_load(arguments)


if __name__ == "__main__":
    main()
