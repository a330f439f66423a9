"""Why a verdict is what it is, as a sentence."""

from __future__ import annotations

from finops.model.finding import Finding, State
from finops_exporters.pages import words


def reason_of(finding: Finding) -> str:
    """In plain words where the measure is one that a budget always has, else the verdict's own."""
    value, limit = finding.value, finding.limit
    if finding.state is State.FIRING and value is not None and limit is not None:
        if finding.measure == "pace":
            return f"Spending is {words.pace(value)}; the line is {words.pace(limit)}."
        # spent can also be held against an amount: then the value is not the share
        if finding.measure == "spent" and value == finding.measures.get("spent"):
            return f"{words.percent(value)} of the budget is spent; the line is {words.percent(limit)}."
        if finding.measure == "forecast" and value == finding.measures.get("forecast"):
            return f"The forecast is {words.percent(value)} of the budget; the line is {words.percent(limit)}."
    if finding.state is State.OK and finding.kind == "Budget":
        return "Below every line."
    return words.sentence(finding.reason)
