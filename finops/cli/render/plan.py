"""The plan of an evaluation as tables for terminals and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from finops.evaluate.plan_report import PlanReport

_NAMED = 6


def plan_as_json(report: PlanReport) -> str:
    return json.dumps(report.to_json(), indent=1, ensure_ascii=False)


def plan_as_tables(report: PlanReport) -> list[Table | Text]:
    """Who shares what, then what was read, in the order in which it happened."""
    shared = Table(
        title=f"{report.policies} policies use {report.series} distinct series",
        title_justify="left",
        expand=True,
    )
    shared.add_column("Look at", ratio=2, overflow="fold")
    shared.add_column("Policies", ratio=3, overflow="fold")
    shared.add_column("Distinct", justify="right")
    shared.add_column("The rollup is summed up")
    for one in report.sharing:
        how = "once for all of them" if one.summed_once else "as each asks"
        shared.add_row(Text(", ".join(one.columns)), _names(one.policies), f"{one.distinct:,}", how)
    if report.single_rows:
        shared.add_row("single rows of costs", _names(report.single_rows), "", "not used: one scan of rows for all")
    reads = Table(title="Read", title_justify="left", expand=True)
    for heading in ("What", "Periods", "Rows that came back", "Seconds"):
        reads.add_column(heading, justify="left" if heading == "What" else "right")
    for read in report.reads:
        reads.add_row(
            read.what, f"{read.partitions:,}" if read.partitions else "", f"{read.rows:,}", f"{read.seconds:.3f}"
        )
    rest = report.seconds - sum(read.seconds for read in report.reads)
    reads.add_row("evaluating, cost drivers, total costs", "", "", f"{max(rest, 0.0):.3f}")
    twins = [Text(f"One series serves {', '.join(names)}.") for names in report.twins]
    return [shared, *twins, reads]


def _names(names: Sequence[str]) -> Text:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return Text(", ".join(names[:_NAMED]) + more)
