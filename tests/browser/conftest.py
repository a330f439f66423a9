"""A demo that runs in a process of its own, and a browser that fails on anything a strict page must not do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import stamina
from playwright.sync_api import Browser

from finops.app.clock import SystemClock
from finops.app.container import open_container
from finops.app.demo import collect_demo, prepare_demo
from tests.browser.looking import Open, watched
from tests.servers.ports import free_port
from tests.support.service_process import service_process

DAYS = 200
"""Enough for two windows of twelve weeks, and for every incident."""


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service over a demo of 200 days, evaluated, with a history of 30 days."""
    folder, port = tmp_path_factory.mktemp("browser") / "demo", free_port()
    clock = SystemClock()
    yesterday = clock.now().date() - timedelta(days=1)
    config = prepare_demo(folder, until=yesterday, days=DAYS, port=port, smtp_port=9, say=lambda _: None)
    container = open_container(config, clock)
    collect_demo(
        container.collectors, container.team_bills, config.parent, progress=lambda *_: None, say=lambda _: None
    )
    container.close()
    url = f"http://127.0.0.1:{port}"
    with service_process("-c", str(config), "--log-format", "json", "run", log=folder / "run.log"):
        _wait_for_the_history(url)
        yield url


def _wait_for_the_history(url: str) -> None:
    """What the pages show of the days before comes last."""
    for attempt in stamina.retry_context(on=(httpx.HTTPError, AssertionError), attempts=None, timeout=300):
        with attempt:
            assert "evaluated afterwards" in httpx.get(f"{url}/policies/checkout-monthly", timeout=60).text


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens pages of a width and scheme; see ``watched``."""
    with watched(chromium) as open_:
        yield open_
