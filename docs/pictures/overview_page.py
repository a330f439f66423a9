"""The overview page of a demo of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import stamina
from playwright.sync_api import Browser

PORT = 9701
URL = f"http://127.0.0.1:{PORT}"


def take(browser: Browser, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "finops", "demo", "--port", str(PORT), "--out", f"{folder}/demo"]
        demo = subprocess.Popen(command)
        try:
            _wait_until_ready()
            page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=1)
            page.goto(URL)
            page.screenshot(path=picture)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()


def _wait_until_ready() -> None:
    for attempt in stamina.retry_context(on=OSError, attempts=None, timeout=180, wait_max=1.0):
        with attempt, urllib.request.urlopen(f"{URL}/readyz", timeout=5):
            pass
