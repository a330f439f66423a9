"""Peers that hang, a leader that is stopped, a reload: what an operator sees of the process."""

from __future__ import annotations

import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.integration.main_job.test_service import Running, fires, running, until


@contextmanager
def silent() -> Iterator[tuple[int, threading.Event]]:
    """A port that takes connections and never answers; the event: somebody has connected."""
    asked, stopped = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connections = []
            while not stopped.is_set():
                try:
                    connections.append(listening.accept()[0])
                except OSError:
                    break
                asked.set()
            for connection in connections:
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1], asked
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(30)


@contextmanager
def dripping() -> Iterator[tuple[int, threading.Event]]:
    """As ``silent``, but a byte of an endless answer comes every now and then, so that no read ever times out."""
    asked, stopped = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
                    while not stopped.wait(0.1):
                        connection.sendall(b"x")
                except OSError:
                    return

        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                asked.set()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1], asked
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(30)


def configured(folder: Path, more: str) -> None:
    config = folder / "finops.yaml"
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")


def ends(service: Running) -> str:
    """Its log; the process ends in less than what an orchestrator waits before it kills."""
    log = service.stop(seconds=25)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log
    return log


def test_a_demand_query_that_hangs_holds_up_neither_verdicts_nor_a_stop(folder: Path) -> None:
    with silent() as (port, asked):
        query = f"{{kind: prometheus, url: 'http://127.0.0.1:{port}', query: up, unit: orders}}"
        configured(folder, f"demand:\n  orders: {query}\n")
        with running(folder) as service:
            assert asked.wait(60)
            until(lambda: fires(service))
            ends(service)


def test_a_receiver_that_drips_its_answer_holds_up_no_other_and_no_verdict(
    folder: Path, httpserver: HTTPServer
) -> None:
    arrived = threading.Event()

    def take(_request: Request) -> Response:
        arrived.set()
        return Response("thanks", 200)

    httpserver.expect_request("/hook").respond_with_handler(take)
    with dripping() as (port, asked):
        configured(
            folder,
            f"evaluate_every: 1s\nreceivers:\n  drips: {{kind: webhook, url: 'http://127.0.0.1:{port}/'}}\n"
            f"  hook: {{kind: webhook, url: '{httpserver.url_for('/hook')}'}}\nroutes:\n  - to: [drips, hook]\n",
        )
        with running(folder) as service:
            assert asked.wait(60)
            assert arrived.wait(60)
            before = service.get("/readyz")
            until(lambda: service.get("/readyz").split(",")[0] != before.split(",")[0])
            ends(service)


def test_a_reload_takes_what_is_right_and_keeps_the_old_for_what_is_wrong(folder: Path) -> None:
    policy, config = folder / "policies" / "september.yaml", folder / "finops.yaml"
    with running(folder) as service:
        until(lambda: fires(service))
        good = config.read_text(encoding="utf-8")
        config.write_text(f"{good}sauces: nowhere\n", encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: "finops_reload_failed 1.0" in service.get("/metrics"))
        assert "Did you mean &#39;sources&#39;?" in service.get("/")
        assert fires(service)

        second = "sources:\n  second: {kind: focus-files, path: ./bills/*.csv}\n"
        config.write_text(good.replace("sources:\n", second), encoding="utf-8")
        policy.write_text(policy.read_text(encoding="utf-8").replace("14 USD", "14000000 USD"), encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: 'finops_source_up{kind="focus-files",source="second"} 1.0' in service.get("/metrics"))
        until(lambda: '"limit":"14000000.00"' in service.get("/api/v1/findings"))
        assert "finops_reload_failed 0.0" in service.get("/metrics")
        assert "reloaded" in ends(service)


def test_a_leader_that_is_stopped_is_replaced_and_delivers_nothing_twice_when_it_wakes_up(
    folder: Path, postgres_database: str, tmp_path: Path, httpserver: HTTPServer
) -> None:
    arrived: list[str] = []

    def take(request: Request) -> Response:
        arrived.append(request.headers["Idempotency-Key"])
        return Response("thanks", 200)

    httpserver.expect_request("/hook").respond_with_handler(take)
    (folder / "state-url").write_text(postgres_database, encoding="utf-8")
    config = (folder / "finops.yaml").read_text(encoding="utf-8")
    config = config.replace("state: sqlite:///state.db", "state: {file: ./state-url}")
    config += "evaluate_every: 1s\n" + f"receivers:\n  hook: {{kind: webhook, url: '{httpserver.url_for('/hook')}'}}\n"
    config += "routes:\n  - to: [hook]\n"
    (folder / "finops.yaml").write_text(config, encoding="utf-8")
    other = tmp_path / "other"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("other"))
    (other / "finops.yaml").write_text(config.replace("lake: ./lake", f"lake: {folder / 'lake'}"), encoding="utf-8")
    policy = other / "policies" / "september.yaml"
    with running(folder) as first, running(other) as second:
        until(lambda: fires(first) and len(arrived) == 1)
        until(lambda: "finops_leader 0.0" in second.get("/metrics"))
        first.process.send_signal(signal.SIGSTOP)
        try:
            until(lambda: "finops_leader 1.0" in second.get("/metrics"))
            policy.write_text(policy.read_text(encoding="utf-8").replace("name: september", "name: autumn"))
            until(lambda: len(arrived) > 1)
        finally:
            first.process.send_signal(signal.SIGCONT)
        until(lambda: "finops_leader 0.0" in first.get("/metrics"))
        ends(first)
        ends(second)
    assert len(set(arrived)) == len(arrived)
