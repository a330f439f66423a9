"""Costs, verdicts and alerts -> the weekly digest of a team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from finops.app.teams.bills import BY, TeamBills, is_about
from finops.model.alert import AlertRecord, AlertStatus
from finops.model.cost_question import DEFAULT_COST, Compare, CostQuestion, Every, equals
from finops.model.period import Period, month_start
from finops.model.policy import Policy
from finops.model.team import TEAM, Team
from finops.model.team_bill import TeamBill
from finops.model.team_digest import TeamDigest
from finops.ports.state import AlertStore, SnapshotStore

WEEK = timedelta(days=7)
_FIRING = {AlertStatus.FIRING, AlertStatus.ESCALATED, AlertStatus.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class TeamDigests:
    bills: TeamBills
    alerts: AlertStore
    snapshots: SnapshotStore

    @property
    def evaluated(self) -> bool:
        """Whether anybody has looked yet which alerts fire."""
        return self.snapshots.latest() is not None

    def make(self, team: Team, day: date) -> TeamDigest:
        """What is to be told from ``day`` on: the last seven settled days before it, against the seven before those.

        Where no day of the month before has settled, the seven days before ``day``, provisional. Raises what the
        stores raise.
        """
        # on the first days of a month, only the month before has settled days
        months = [self.bills.bill(team.name, month) for month in (month_start(day), month_start(day, -1))]
        settled = min((one.settled_through for one in months if one.settled_through is not None), default=None)
        end = min(settled + timedelta(days=1), day) if settled is not None else day
        week = self._week(team, Period(end - WEEK, end))
        loaded = self.bills.evaluator.policies.load_each()
        missing = [
            *week.notes,
            *(f"The policies of {file} have no verdict: it is invalid" for file in loaded.unreplaced),
        ]
        if months[0].total is None:
            missing.append(f"The cost of {months[0].month:%B} to date is unknown")
        if settled is None:
            missing.insert(0, "No day has settled: every amount can still change")
        elif end < day - WEEK:
            missing.insert(0, f"Costs are settled through {settled} only: the days after it are not in this digest")
        if week.total is None or week.before is None:
            missing = missing or ["The costs of one of the two weeks are unknown"]
        return TeamDigest(week, months[0], tuple(self._alerts(team.name, loaded.policies)), tuple(missing))

    def _week(self, team: Team, days: Period) -> TeamBill:
        scope = equals(TEAM, team.name)
        question = CostQuestion(days.start, days.end, BY, Every.ALL, (DEFAULT_COST,), scope, Compare.PREVIOUS)
        return self.bills.between(team, question)

    def _alerts(self, name: str, policies: Sequence[Policy]) -> list[AlertRecord]:
        about = {policy.name for policy in policies if is_about(policy, name)}
        found = [
            one
            for one in self.alerts.alerts(live=True)
            if one.status in _FIRING and one.finding.policy in about and one.finding.group.get(TEAM, name) == name
        ]
        return sorted(found, key=lambda one: (-one.severity.rank, one.finding.policy, one.finding.group_label))
