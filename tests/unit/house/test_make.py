"""The Makefile's list of targets, and what CI calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TARGETS = [
    "demo",
    "test",
    "test-fast",
    "check",
    "bench",
    "format",
    "lock",
    "release",
    "sbom",
    "audit",
    "workflows",
    "docs",
    "servers",
    "image",
]


def make(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ran = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout


def test_make_alone_lists_every_target() -> None:
    listed = make("--no-print-directory")
    assert [target for target in TARGETS if f"  make {target} " not in listed] == []


@pytest.mark.parametrize(
    ("target", "called"),
    [
        ("demo", ["finops demo --port 9701"]),
        ("test", ["tests/servers/install.sh", "pytest -n 2 --dist loadfile --no-loadscope-reorder --port 9701"]),
        ("test-fast", ["pytest -n 2 --dist loadfile --without-servers tests/unit tests/contract --port 9701"]),
        ("check", ["ruff format --check .", "ruff check .", "mypy", "lint-imports", "hadolint Dockerfile", "make"]),
    ],
)
def test_a_target_calls_its_tools_in_order(target: str, called: list[str]) -> None:
    lines = make("--dry-run", "--no-print-directory", target, "ARGS=--port 9701").splitlines()
    places = [next(i for i, line in enumerate(lines) if words in line) for words in called]
    assert places == sorted(places)


def test_ci_runs_every_check() -> None:
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "exec make check"
