"""A service shows what is stored at once, and works only when everything that it needs is in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest

from finops.app.clock import SystemClock
from finops.app.container import Container, open_container
from finops.app.policies.policy_files import PolicyFiles
from finops.app.settings import SettingsReader
from finops.documents import Fault
from finops.errors import Malformed
from finops.model.evaluation import Settings
from finops.policy.load import Loaded
from finops.service.replica import Replica
from finops.service.service import Service
from tests.support.snapshots import AS_OF, snapshot

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
http: {listen: "127.0.0.1:0"}
sources: {bills: {kind: focus-files, path: ./bills}}
"""


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    """Of a project that an earlier run has left a snapshot in."""
    for name in ("policies", "bills"):
        (tmp_path / name).mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", SystemClock())
    opened.state.snapshots.save(snapshot().to_bytes(), AS_OF)
    yield opened
    opened.close()


def running(service: Service) -> Future[None]:
    ended: Future[None] = Future()

    def run() -> None:
        try:
            service.run()
        except Exception as error:  # noqa: BLE001 - handed to the test
            ended.set_exception(error)
        else:
            ended.set_result(None)

    threading.Thread(target=run).start()
    return ended


def test_stored_metrics_are_served_while_policies_are_still_read(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def policies(_self: PolicyFiles) -> Loaded:
        asked.set()
        assert may_answer.wait(60)
        return Loaded(())

    monkeypatch.setattr(PolicyFiles, "load_each", policies)
    service = Service(container)
    ended = running(service)
    try:
        assert asked.wait(60)
        assert 'finops_policy_state{group="environment=prod"' in httpx.get(f"{service.url}/metrics").text
        assert "ready: evaluated as of 2026-03-20T06:00:00Z" in httpx.get(f"{service.url}/readyz").text
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert not service._replica.jobs.is_started
    finally:
        may_answer.set()
        service.stop()
        ended.result(60)


def test_faulty_settings_end_it_before_any_work(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: SettingsReader) -> Settings:
        raise Malformed([Fault("rates.xml", 1, 1, "not a file of rates", "Name one")])

    monkeypatch.setattr(SettingsReader, "read", refuse)
    service = Service(container)
    with pytest.raises(Malformed, match=r"rates\.xml"):
        service.check()
    with pytest.raises(Malformed, match=r"rates\.xml"):
        running(service).result(60)
    assert container.state.collections.sources() == {}


def test_a_faulty_policy_keeps_it_from_nothing(container: Container) -> None:
    (container.config.base / "policies" / "typo.yaml").write_text("kind: Bugdet\n", encoding="utf-8")
    Replica(container).check()
