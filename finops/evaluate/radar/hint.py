"""Which demand series would say whether a growth of cost is served by anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import polars as pl

from finops.evaluate.judgement.group_data import GroupData
from finops.ports.lake import LakeView

_UNITS: Mapping[str, str] = {
    "AI and Machine Learning": "tokens or requests",
    "Analytics": "queries or bytes scanned",
    "Compute": "requests or jobs",
    "Databases": "queries or transactions",
    "Integration": "messages",
    "Management and Governance": "bytes of logs or metrics",
    "Networking": "bytes transferred",
    "Storage": "bytes stored",
}
"""What drives costs of a FOCUS service category, as a rule."""


class Hints:
    """``series``: names of the configured demand series, with their ``units``."""

    def __init__(self, view: LakeView, series: Sequence[str], units: Mapping[str, str]) -> None:
        self._view = view
        self._series = [f"{name} ({units[name]})" if units.get(name, name) != name else name for name in sorted(series)]

    def of(self, data: GroupData) -> str:
        """A sentence. ``data``: of a group that no series plausibly drives."""
        empty = sorted(name for name, days in data.demand.items() if not days)
        tried = f"Its cost follows none of {', '.join(self._series)}" if self._series else "No demand series is set up"
        unit = _UNITS.get(self._categories.get(data.group.get("ServiceName", ""), ""), "")
        wanted = f"a series of {unit}" if unit else "a series of what it serves"
        if empty:
            return (
                f"{tried}; {', '.join(empty)} has no row for this group. Add them there, or {wanted}, under 'demand:'."
            )
        return f"{tried}. Add {wanted} under 'demand:'."

    @cached_property
    def _categories(self) -> Mapping[str, str]:
        """Service -> category; the first by name where there are several."""
        frame = self._view.scopes().select("ServiceName", "ServiceCategory").drop_nulls().unique()
        found = frame.group_by("ServiceName").agg(pl.col("ServiceCategory").min()).collect()
        return dict(found.iter_rows())
