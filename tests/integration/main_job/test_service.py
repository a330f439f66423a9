"""``finops run`` as an operator meets it: it serves, it stops, it comes back with what it knew."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import polars as pl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.integration.main_job.conftest import Finops
from tests.servers.ports import free_port
from tests.support.service_process import Program


def until(happened: Callable[[], bool], *, seconds: float = 120) -> None:
    """Waits for it, so long at most. What cannot be reached has not happened yet."""
    deadline, pause = time.monotonic() + seconds, Event()
    while time.monotonic() < deadline:
        with suppress(OSError):
            if happened():
                return
        pause.wait(0.1)
    pytest.fail(f"it did not happen in {seconds} seconds")


class Running:
    def __init__(self, process: Program, url: str) -> None:
        self.process = process
        self.url = url

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def findings(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.get("/api/v1/findings"))
        return found

    def stop(self, *, seconds: float = 60) -> str:
        self.process.send_signal(signal.SIGTERM)
        return self.process.ends(seconds)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    port = free_port()
    lines = (folder / "finops.yaml").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("http: ")] + [f"http: {{listen: '127.0.0.1:{port}'}}"]
    (folder / "finops.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = Program("--log-format", "json", "run", folder=folder, log=folder / f"{port}.log")
    service = Running(process, f"http://127.0.0.1:{port}")
    try:
        until(lambda: service.get("/healthz") == "alive\n")
        yield service
    finally:
        process.kill()


def fires(service: Running) -> bool:
    try:
        return [finding["state"] for finding in service.findings()] == ["firing"]
    except urllib.error.HTTPError:
        return False


def test_a_series_of_the_bills_follows_their_collection(folder: Path) -> None:
    config = folder / "finops.yaml"
    hours = "{kind: costs, scope: \"ConsumedUnit = 'Hours'\", column: ConsumedQuantity, unit: hours, every: 30d}"
    config.write_text(f"{config.read_text(encoding='utf-8')}demand:\n  hours: {hours}\n", encoding="utf-8")
    with running(folder) as service:
        until(lambda: fires(service))
        # the series has run before there was any bill, and is not due again for a month
        until(lambda: (folder / "lake" / "demand" / "_delta_log").exists() and _days(folder) > 0)
        service.stop()


def _days(folder: Path) -> int:
    return int(pl.scan_delta(str(folder / "lake" / "demand")).select(pl.col("day").n_unique()).collect().item())


def test_it_collects_evaluates_serves_and_stops(folder: Path) -> None:
    with running(folder) as service:
        until(lambda: fires(service))
        metrics = service.get("/metrics")
        assert 'finops_source_up{kind="focus-files",source="sample"} 1.0' in metrics
        assert "september" in service.get("/")
        log = service.stop()
    assert service.process.returncode == 0
    assert json.loads(log.splitlines()[-1])["event"] == "stopped"
    assert "Traceback" not in log


def test_a_restart_serves_the_stored_snapshot_at_once(folder: Path) -> None:
    with running(folder) as service:
        until(lambda: fires(service))
        before = service.findings()
        service.stop()
    with running(folder) as service:
        assert service.get("/readyz").startswith("ready")
        assert [finding["policy"] for finding in service.findings()] == [finding["policy"] for finding in before]


def test_a_broken_source_is_visible_and_stops_nobody(folder: Path) -> None:
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    (folder / "finops.yaml").write_text(config + "  broken: {kind: focus-files, path: ./nowhere/*.csv}\n")
    with running(folder) as service:
        until(lambda: fires(service))
        until(lambda: 'kind="focus-files",source="broken"} 0.0' in service.get("/metrics"))
        assert 'kind="focus-files",source="sample"} 1.0' in service.get("/metrics")
        assert "broken" in service.get("/")


def test_an_overrun_reaches_its_receiver_once(folder: Path, httpserver: HTTPServer) -> None:
    arrived: list[str] = []

    def take(request: Request) -> Response:
        arrived.append(request.headers["Idempotency-Key"])
        return Response("thanks", 200)

    httpserver.expect_request("/hook").respond_with_handler(take)
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    (folder / "finops.yaml").write_text(
        config
        + f"receivers:\n  hook: {{kind: webhook, url: '{httpserver.url_for('/hook')}'}}\n"
        + "routes:\n  - {match: {kind: Budget}, to: [hook]}\n"
    )
    with running(folder) as service:
        until(lambda: len(arrived) > 0)
        service.stop()
    with running(folder) as service:
        until(
            lambda: 'finops_alert_deliveries_total{outcome="delivered",receiver="hook"} 1.0' in service.get("/metrics")
        )
        until(lambda: fires(service))
    assert len(arrived) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("http: {listen: '0.0.0.0:0'}", "without authentication"),
        ("receivers: {a: {kind: nobody}}", "unknown kind 'nobody'"),
        ("lakes: ./x", "Did you mean 'lake'?"),
    ],
)
def test_what_cannot_work_keeps_it_from_starting(folder: Path, finops: Finops, change: str, message: str) -> None:
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    (folder / "finops.yaml").write_text(f"{config}{change}\n", encoding="utf-8")
    assert message in finops("run", status=2).stderr


def test_a_policy_that_breaks_under_a_running_service_keeps_the_last_verdicts(folder: Path) -> None:
    policy = folder / "policies" / "september.yaml"
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    (folder / "finops.yaml").write_text(config + "evaluate_every: 1s\n", encoding="utf-8")
    with running(folder) as service:
        until(lambda: fires(service))
        whole = policy.read_text(encoding="utf-8")
        policy.write_text(whole.replace("amount:", "amuont:"), encoding="utf-8")
        until(lambda: "Some policy files are invalid" in service.get("/"))
        page = service.get("/")
        assert "september.yaml:" in page
        assert "its last valid version is evaluated" in page
        assert fires(service)
        policy.write_text(whole, encoding="utf-8")
        until(lambda: "Some policy files are invalid" not in service.get("/"))
