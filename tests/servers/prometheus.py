"""A real Prometheus that scrapes what a test tells it to."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops_exporters.rules import RulesExporter
from tests.servers.missing import program
from tests.servers.ports import free_port
from tests.support.profiles import PROFILES

_INSTALL = "apt-get install prometheus"
_CONFIG = """\
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: ["%s"]
scrape_configs:
  - job_name: finops
    honor_timestamps: false
    file_sd_configs: [{files: ["%s"], refresh_interval: 1s}]
"""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """``url`` is its API; ``scrape`` names one target, host:port, and waits until it was scraped."""

    url: str
    targets: Path

    def scrape(self, target: str, *, timeout_seconds: float = 60) -> None:
        """Returns once a scrape of the target succeeded; fails with Prometheus's own error."""
        self.targets.write_text(json.dumps([{"targets": [target]}]), encoding="utf-8")
        last = "not seen yet"

        def up() -> bool:
            nonlocal last
            active = httpx.get(f"{self.url}/api/v1/targets").json()["data"]["activeTargets"]
            mine = [entry for entry in active if entry["labels"]["instance"] == target]
            last = mine[0]["lastError"] if mine else last
            return bool(mine) and mine[0]["health"] == "up"

        _wait(up, timeout_seconds, lambda: f"Prometheus did not scrape {target}: {last}")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """An instant vector: ``{"metric": {...}, "value": [time, "text"]}``."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression})
        answer.raise_for_status()
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return result

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert whose condition holds, pending or firing: ``{"labels": {...}, "state": ...}``."""
        answer = httpx.get(f"{self.url}/api/v1/alerts")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["alerts"]
        return found

    def until(self, holds: Callable[[], bool], says: str, *, timeout_seconds: float = 60) -> None:
        """Waits for something that scrapes and rules bring about; fails with ``says``."""
        _wait(holds, timeout_seconds, lambda: says)


StartWithHistory = Callable[[str], Prometheus]


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of promtool."""
    return program("promtool", install=_INSTALL)


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus on a free loopback port, without targets yet."""
    with _running(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


@pytest.fixture(scope="session")
def prometheus_with_history(tmp_path_factory: pytest.TempPathFactory, promtool: str) -> Iterator[StartWithHistory]:
    """Starts a Prometheus that already holds the samples of an OpenMetrics text, however old they are."""
    with ExitStack() as servers:

        def start(openmetrics: str) -> Prometheus:
            folder = tmp_path_factory.mktemp("prometheus-history")
            samples = folder / "samples.om"
            samples.write_text(openmetrics, encoding="utf-8")
            command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(samples), str(folder / "data")]
            subprocess.run(command, check=True, capture_output=True)
            return servers.enter_context(_running(folder, "--storage.tsdb.retention.time=100y"))

        yield start


@pytest.fixture(scope="session")
def prometheus_with_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus of its own that has loaded all rules that ``finops assets`` writes."""
    folder = tmp_path_factory.mktemp("prometheus-rules")
    for name, content in RulesExporter().files("https://finops.example.com", PROFILES).items():
        (folder / Path(name).name).write_bytes(content)
    with _running(folder) as server:
        yield server


@contextmanager
def _running(folder: Path, *arguments: str) -> Iterator[Prometheus]:
    path = program("prometheus", install=_INSTALL)
    targets = folder / "targets.json"
    targets.write_text("[]", encoding="utf-8")
    config = folder / "prometheus.yml"
    config.write_text(_CONFIG % (folder / "*.rules.yaml", targets), encoding="utf-8")
    port = free_port()
    command = [
        path,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        *arguments,
    ]
    url = f"http://127.0.0.1:{port}"
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        _wait(lambda: _ready(process, url), 60, lambda: log.read_text(encoding="utf-8"))
        yield Prometheus(url, targets)
    finally:
        process.terminate()
        process.wait(30)


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    if process.poll() is not None:
        raise AssertionError("Prometheus ended at once")
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def _wait(done: Callable[[], bool], timeout_seconds: float, says: Callable[[], str]) -> None:
    end = time.monotonic() + timeout_seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError(says())
        time.sleep(0.05)  # between two questions to its API; nothing is assumed to be done by then
