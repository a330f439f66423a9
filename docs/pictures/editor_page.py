"""A policy in an editor that completes it by ``finops policies schema``: Monaco, the editor inside VS Code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser

EDITOR = Path(__file__).parent / "editor"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads who fetched what."""


def take(browser: Browser, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _build(Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            page = browser.new_page(viewport={"width": 900, "height": 330}, device_scale_factor=1)
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.wait_for_function("window.editor !== undefined")
            page.evaluate("window.editor.setPosition({lineNumber: 10, column: 3})")
            page.evaluate("window.editor.trigger('keyboard', 'editor.action.triggerSuggest', {})")
            page.wait_for_selector(".suggest-widget.visible .monaco-list-row")
            page.evaluate("window.editor.trigger('keyboard', 'toggleSuggestionDetails', {})")
            page.wait_for_selector(".suggest-details-container .body")
            page.screenshot(path=picture)
        finally:
            server.shutdown()


def _build(folder: Path) -> None:
    """The editor's bundle, the schema of this tree, and the policy."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing: the editor of the picture comes from it. Install Node.js 18 or newer")
    environment = {**os.environ, "OUT": str(folder)}
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=EDITOR, check=True)
    subprocess.run([npm, "run", "--silent", "build"], cwd=EDITOR, env=environment, check=True)
    for name in ("index.html", "policy.yaml"):
        shutil.copy(EDITOR / name, folder)
    schema = subprocess.run([sys.executable, "-m", "finops", "policies", "schema"], capture_output=True, check=True)
    (folder / "policy.schema.json").write_bytes(schema.stdout)
