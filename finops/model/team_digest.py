"""What a team's owners are told once a week: what changed, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.model.alert import AlertRecord
from finops.model.finding import Finding, State
from finops.model.team_bill import TeamBill

_NEAR = 0.8
"""Of a budget that is spent: from here on somebody should look."""


@dataclass(frozen=True, slots=True)
class TeamDigest:
    """``week``: seven days, compared with the seven before. ``month``: the running month, with its budgets.

    ``alerts``: those of the team that fire, the most severe first. ``missing``: what is not in the numbers, a sentence
    each; empty where all of the week is known and has settled.
    """

    week: TeamBill
    month: TeamBill
    alerts: tuple[AlertRecord, ...]
    missing: tuple[str, ...]

    @property
    def budgets(self) -> Sequence[Finding]:
        """Near their limit or over it, and those of which that is unknown; the most spent first."""
        found = [one for one in self.month.budgets if _is_near(one)]
        return sorted(found, key=lambda one: (-one.measures.get("spent", 0.0), one.policy, one.group_label))


def _is_near(budget: Finding) -> bool:
    limit, forecast = budget.amount.get("limit"), budget.amount.get("forecast")
    over = limit is not None and forecast is not None and forecast.amount > limit.amount
    return budget.state is not State.OK or over or budget.measures.get("spent", 0.0) >= _NEAR
