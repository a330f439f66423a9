"""The table "One row" of a page in docs/sources/."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs" / "sources"
ASSETS = ROOT / "finops" / "assets"


def documented_row(page: str, heading: str = "One row") -> list[tuple[str, str | None, str | None]]:
    """(column, as the provider writes it, as the lake has it); an empty cell is None."""
    section = (DOCS / page).read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w ()]+) \| (?:`(.*?)` )?\| (?:`(.*?)` )?\|$", section, re.MULTILINE)
    assert rows
    return [(column, before or None, after or None) for column, before, after in rows if column != "column"]
