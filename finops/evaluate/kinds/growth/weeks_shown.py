"""Weeks as lines of text, for an explanation."""

from __future__ import annotations

from finops.evaluate.statistics.weeks import Weeks


def weeks_shown(weeks: Weeks, currency: str, demand: str) -> list[str]:
    """One line a week: what it cost and what it served. A week with days left out is scaled by the others' weekdays."""
    lines = []
    for place, last in enumerate(weeks.last_days):
        used = len(weeks.places[place])
        scaled = f", scaled from {used} days" if used < 7 else ""
        lines.append(
            f"  week to {last}  {weeks.cost[place]:,.2f} {currency}  {weeks.demand[place]:,.2f} {demand}{scaled}"
        )
    return lines
