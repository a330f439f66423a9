"""A real Alertmanager that posts what it decides to a webhook of the test."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.missing import program
from tests.servers.ports import free_port

_CONFIG = """\
route: {receiver: test, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: test
    webhook_configs: [{url: "%s", send_resolved: true}]
"""


@dataclass(frozen=True, slots=True)
class AlertmanagerServer:
    """``url``: its own address."""

    url: str

    def alerts(self) -> list[dict[str, Any]]:
        """What is active."""
        answer = httpx.get(f"{self.url}/api/v2/alerts", params={"active": "true", "silenced": "false"})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


Start = Callable[[str], AlertmanagerServer]


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Start]:
    """Starts an Alertmanager that notifies the address given."""
    running: list[Any] = []

    def start(webhook: str) -> AlertmanagerServer:
        context = _running(tmp_path, webhook)
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


@contextmanager
def _running(folder: Path, webhook: str) -> Iterator[AlertmanagerServer]:
    path = program("prometheus-alertmanager", install="apt-get install prometheus-alertmanager")
    config = folder / "alertmanager.yml"
    config.write_text(_CONFIG % webhook, encoding="utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        path,
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    log = folder / "alertmanager.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        deadline = time.monotonic() + 30
        while not _ready(process, url):
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)  # there is no event to wait for: the server answers or it does not yet
        yield AlertmanagerServer(url)
    finally:
        process.terminate()
        process.wait(30)


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None, "Alertmanager ended at once"
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
