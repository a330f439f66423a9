"""What ``costs`` holds of each (source, billing period), without reading its history.

Each commit's mark points to the newest commit of every source (``latest``), and a source's commit points to the commit
that wrote each of its periods (``periods``). So the newest commit leads to everything in two steps, however long the
history is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from finops.errors import BrokenStore
from finops.lake.tables.commit_entry import known
from finops.lake.tables.commit_log import Mark
from finops.lake.tables.failures import repair
from finops.lake.tables.table import Table
from finops.ports.lake import Known


def latest(costs: Table, version: int) -> Mapping[str, int]:
    """source -> version of its newest commit at or before ``version``."""
    found = costs.newest_mark(version, "latest")
    if found is None:
        return {}
    at, mark = found
    newest: Mapping[str, int] = mark["latest"]
    if "source" in mark and newest.get(mark["source"]) != at:  # a delivery names itself as its source's newest
        where = f"{costs.location.uri}/_delta_log/{at:020}.json"
        raise BrokenStore(
            "this commit of the table 'costs' is of another version", where=where, remedy=str(repair(where))
        )
    return newest


def periods(costs: Table, version: int, source: str) -> Mapping[str, int]:
    """billing period (ISO date) -> version that wrote what ``source`` has of it at ``version``."""
    newest = latest(costs, version).get(source)
    return costs.mark(newest)["periods"] if newest is not None else {}


def known_periods(costs: Table, version: int, source: str) -> dict[date, Known]:
    return {
        date.fromisoformat(period): known(written, date.fromisoformat(period), costs.mark(written))
        for period, written in sorted(periods(costs, version, source).items())
    }


def row_counts(costs: Table, version: int) -> dict[str, int]:
    """source -> the rows that ``costs`` holds of it at ``version``."""
    return {
        source: sum(
            costs.mark(written)["entries"][period]["rows"]
            for period, written in periods(costs, version, source).items()
        )
        for source in latest(costs, version)
    }


def unknown_costs(costs: Table, version: int) -> dict[tuple[str, date], Mapping[str, int]]:
    """See ``finops.ports.lake.LakeView``."""
    return {
        (source, period): found.unknown_costs
        for source in latest(costs, version)
        for period, found in known_periods(costs, version, source).items()
        if found.unknown_costs
    }


def pointers(costs: Table, read_version: int | None, source: str, replaced: list[date]) -> Mark:
    """``latest`` and ``periods`` for the commit after ``read_version`` that replaces these periods of ``source``."""
    before = -1 if read_version is None else read_version
    own = before + 1
    return {
        "latest": {**latest(costs, before), source: own},
        "periods": {**periods(costs, before, source), **{period.isoformat(): own for period in replaced}},
    }
