"""The worked example of a kind's page: its policy, its costs, and the reason that it promises."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parents[4] / "docs" / "policies"


def example(kind: str) -> tuple[str, list[dict[str, Any]], str]:
    """The policy, a row a day of every line of costs, the expected reason."""
    page = (PAGES / f"{kind.lower()}.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(yaml|csv|text)\n(.*?)```", page, re.DOTALL))
    return blocks["yaml"], list(_rows(blocks["csv"])), blocks["text"].strip()


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for line in csv.DictReader(io.StringIO(text)):
        first, last = map(date.fromisoformat, line.pop("day").split(".."))
        filled = {column: value for column, value in line.items() if value}
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            yield {"ChargeCategory": "Usage", **filled, "day": day, "cost": filled["EffectiveCost"]}
