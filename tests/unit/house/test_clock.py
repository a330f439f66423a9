"""The current time is read in one file; everybody else is handed a moment or a clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
THE_CLOCK = Path("finops/app/clock.py")
FORBIDDEN = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns"},  # monotonic() and perf_counter() measure durations: they are fine
}


def readings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every use of the current time, called or handed on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN.get(ast.unparse(node.value).split(".")[-1], ()):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from ((node.lineno, f"from time import {a.name}") for a in node.names if a.name in FORBIDDEN["time"])


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "field(default_factory=datetime.now)",
        "date.today()",
        "dt.date.today()",
        "time.time()",
        "from time import time as clock",
    ],
)
def test_the_search_sees(line: str) -> None:
    assert list(readings(line))


@pytest.mark.parametrize("line", ["clock.now()", "time.monotonic()", "from time import sleep", "datetime.min.time()"])
def test_the_search_lets_pass(line: str) -> None:
    assert not list(readings(line))


def test_now_stands_in_one_file() -> None:
    found = {
        path.relative_to(ROOT): list(readings(path.read_text()))
        for folder in ("finops", "exporters")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    assert found.pop(THE_CLOCK)
    assert {str(path): lines for path, lines in found.items() if lines} == {}
