"""The Dockerfile: its health check works, and its context holds what it copies."""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

import pytest

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


class Health(http.server.BaseHTTPRequestHandler):
    """Well on /healthz, ill everywhere else."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(HTTPStatus.OK if self.path == "/healthz" else HTTPStatus.SERVICE_UNAVAILABLE)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def check_health(address: str) -> int:
    found = re.search(r'CMD \["python", (.*)\]\n', DOCKERFILE)
    assert found
    option, code = json.loads(f"[{found.group(1)}]")
    assert "127.0.0.1:9700/healthz" in code
    code = code.replace("127.0.0.1:9700/healthz", address)
    proxied = {"http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, option, code], env=proxied, capture_output=True, check=False).returncode


def test_the_health_check_asks_the_service_itself(port: int) -> None:
    assert check_health(f"127.0.0.1:{port}/healthz") == 0
    assert check_health(f"127.0.0.1:{port}/ill") == 1


def test_the_context_holds_what_the_image_copies() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == allowed
    assert [source for source in sorted(copied) if not (ROOT / source).exists()] == []


def test_the_user_is_a_number_and_not_root() -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert "0" not in users[-1]


def test_everything_installed_is_locked() -> None:
    installs = re.findall(r"pip\b[^&\n]* install [^&\n]*", DOCKERFILE)
    assert len(installs) == 3
    assert [line for line in installs if "--require-hashes" not in line and "dist/*.whl" not in line] == []
