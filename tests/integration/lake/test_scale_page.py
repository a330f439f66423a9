"""The programs in docs/scale.md that read the lake say what they promise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.support.bills import APRIL, delivery, lake, line, rows, run

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"


def program(title: str, at: Path) -> dict[str, Any]:
    """What the program below **title** leaves behind, with the lake at ``at``."""
    found = re.search(rf"\*\*{title}\*\*.*?```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, title
    text, count = re.subn(r'^lake = "s3a?://bucket/finops"$', f"lake = {str(at)!r}", found[1], flags=re.MULTILINE)
    assert count == 1
    names: dict[str, Any] = {}
    exec(text, names)
    return names


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("5"), line("100", period=APRIL))), run())
    own.replace(delivery(rows(line("0.000000000000001"), line("0.2", day=2)), "restated"), run())
    return tmp_path / "lake"


def total(of_service: Sequence[Sequence[Any]]) -> Decimal:
    return sum((row[2] for row in of_service), Decimal(0))


@pytest.mark.parametrize("engine", ["Polars", "DuckDB"])
def test_other_engines_read_the_newest_version(tables: Path, engine: str) -> None:
    names = program(engine, tables)
    found = names["by_service"]
    of_service = found.rows() if isinstance(found, pl.DataFrame) else found
    assert total(of_service) == pl.read_delta(str(tables / "costs"))["EffectiveCost"].sum()
    assert all(isinstance(amount, Decimal) for *_, amount in of_service)
