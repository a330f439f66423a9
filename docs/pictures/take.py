"""Takes the README's pictures from a demo of its own: ``make pictures``."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import stamina
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
PORT = 9701
URL = f"http://127.0.0.1:{PORT}"


def wait_until_ready() -> None:
    for attempt in stamina.retry_context(on=OSError, attempts=None, timeout=180, wait_max=1.0):
        with attempt, urllib.request.urlopen(f"{URL}/readyz", timeout=5):
            pass


def take() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=1)
        page.goto(URL)
        page.screenshot(path=HERE / "overview.png")
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "finops", "demo", "--port", str(PORT), "--out", f"{folder}/demo"]
        demo = subprocess.Popen(command)
        try:
            wait_until_ready()
            take()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()


if __name__ == "__main__":
    main()
