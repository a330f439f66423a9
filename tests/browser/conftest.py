"""A demo that runs in this process, and a browser that fails on anything a strict page must not do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import stamina
from playwright.sync_api import Browser

from finops.runtime.clock import SystemClock
from finops.runtime.demonstrating import collect_demo, prepare_demo
from finops.runtime.service import Service
from tests.browser.looking import Open, watched

DAYS = 200
"""Enough for two windows of twelve weeks, and for every incident."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service over a demo of 200 days, evaluated, with a history of 30 days."""
    folder = tmp_path_factory.mktemp("browser") / "demo"
    clock = SystemClock()
    yesterday = clock.now().date() - timedelta(days=1)
    config = prepare_demo(folder, until=yesterday, days=DAYS, port=9700, smtp_port=9, say=lambda _: None)
    config.write_text(config.read_text(encoding="utf-8").replace("127.0.0.1:9700", "127.0.0.1:0"), encoding="utf-8")
    parts, _ = collect_demo(config, clock, progress=lambda *_: None, say=lambda _: None)
    service = Service(parts)
    running = threading.Thread(target=service.run, name="demo")
    running.start()
    try:
        _wait_for_the_history(service.url)
        yield service.url
    finally:
        service.stop()
        running.join(120)
        parts.close()
        assert not running.is_alive()


def _wait_for_the_history(url: str) -> None:
    """What the pages show of the days before comes last."""
    for attempt in stamina.retry_context(on=(httpx.HTTPError, AssertionError), attempts=None, timeout=300):
        with attempt:
            assert "judged afterwards" in httpx.get(f"{url}/policies/checkout-monthly", timeout=60).text


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens pages of a width and scheme; see ``watched``."""
    with watched(chromium) as open_:
        yield open_
