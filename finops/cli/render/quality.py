"""The quality of a source's rows as tables for terminals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from finops.model.quality import SourceQuality
from finops.model.quality_text import amounts, basis, change, details


def quality_report(found: SourceQuality, now: datetime) -> Iterator[RenderableType]:
    """What was counted, rules violated, values missing, repairs, and unallocated costs."""
    yield Text(f"{found.source}: {basis(found, now)}", style="bold")
    yield _violations(found) if found.quality.violations else Text("No rule of FOCUS is violated.")
    yield from (Text.assemble((f"{what}: ", "bold"), told) for what, told in details(found))
    yield Text("")


def _violations(found: SourceQuality) -> Table:
    table = Table("Column", "Rule violated", pad_edge=False)
    for name in ("Rows", "Cost", "Change"):
        table.add_column(name, justify="right")
    for column, rule, extent in found.worst_first:
        table.add_row(column, rule, f"{extent.rows:,}", amounts(extent.amounts), change(found, column, rule))
    return table
