"""Pages of a demo of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import stamina
from playwright.sync_api import Browser

PORT = 9701
URL = f"http://127.0.0.1:{PORT}"


def take(browser: Browser, pictures: Mapping[str, Path]) -> None:
    """``pictures``: path of a page -> file."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "finops", "demo", "--port", str(PORT), "--out", f"{folder}/demo"]
        demo = subprocess.Popen(command)
        try:
            _wait_for("/readyz", "ready")
            _wait_for("/policies/checkout-monthly", "evaluated afterwards")
            page = browser.new_page(viewport={"width": 1280, "height": 1200}, device_scale_factor=1)
            for path, picture in pictures.items():
                page.goto(URL + path)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=picture)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()


def _wait_for(path: str, text: str) -> None:
    for attempt in stamina.retry_context(on=(OSError, AssertionError), attempts=None, timeout=300, wait_max=1.0):
        with attempt, urllib.request.urlopen(URL + path, timeout=60) as answer:
            assert text in answer.read().decode()
