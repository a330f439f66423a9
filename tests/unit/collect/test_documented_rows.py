"""The page of focus-files shows a row of the real sample as it is, and as the lake has it."""

from __future__ import annotations

import csv
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path

from finops.collect.files import FocusFiles
from finops.collect.files.source import FocusFilesOptions
from finops.focus.delivery import deliver
from tests.support.sample import SAMPLE
from tests.unit.collect.azure.documented_row import documented_row


def test_the_row_of_the_page_is_the_row_of_the_sample() -> None:
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    source = FocusFiles.from_options("sample", FocusFilesOptions(path=str(SAMPLE)), base=SAMPLE.parent)
    lake = deliver("sample", source.discover({}).offers).rows.head(1).collect().row(0, named=True)
    for column, written, kept in documented_row("focus-files.md"):
        assert first.get(column) == written, column
        assert shown(lake[column]) == kept, column


def shown(value: object) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else None if value is None else str(value)


def test_every_kind_has_a_page() -> None:
    pages = {page.stem for page in (Path(__file__).parents[3] / "docs" / "sources").glob("*.md")}
    kinds = {entry.name for group in ("finops.sources", "finops.demand") for entry in entry_points(group=group)}
    kinds |= {f"emissions-{e.name}" if e.name == "csv" else e.name for e in entry_points(group="finops.emissions")}
    assert kinds - pages == set()
    index = (Path(__file__).parents[3] / "docs" / "sources" / "README.md").read_text(encoding="utf-8")
    assert {page for page in pages - {"README"} if f"({page}.md)" not in index} == set()
