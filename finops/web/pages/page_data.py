"""The state as pages ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from finops.app.alerts import respond
from finops.app.alerts.incidents import incident_records
from finops.app.collection.quality import QualityReader
from finops.app.collection.requests import WorkRequests
from finops.app.invoice_lines import source_contracts
from finops.app.policies.test_results import PolicyTests
from finops.app.reporting import BudgetYears, MonthLister
from finops.app.savings import Savings
from finops.app.savings.claims import MOST_ROWS_AT_ONCE
from finops.app.teams import TeamBills
from finops.errors import UnknownAlert
from finops.model.alert import AlertChange, AlertRecord
from finops.model.budget_year import BudgetYear
from finops.model.cost_question import CostQuestion
from finops.model.cost_report import CostReport
from finops.model.delivery import Delivery
from finops.model.operations import Operations
from finops.model.quality import SourceQuality
from finops.model.saving import SavingList
from finops.model.silence import Silence
from finops.model.statement import SourceContracts
from finops.model.team_bill import TeamBill, TeamList
from finops.model.verdict_day import VerdictDay
from finops.ports.clock import Clock
from finops.ports.incidents import IncidentFilter, IncidentRecord
from finops.ports.lake import Change, Lake
from finops.ports.pages import PendingCosts, StatementList, TestOutcome
from finops.ports.state import AlertCount, AlertFilter, AlertPage
from finops.state import State
from finops.web.pages.cost_reports import CostReports
from finops.web.published import Published

_HISTORY = timedelta(days=90)
_DELIVERIES = 100
_RESTATEMENTS = 200
"""Replacements of periods that are looked through for those that changed what was known."""


@dataclass(frozen=True, slots=True)
class PagePorts:
    """What pages and their forms read from and write to."""

    state: State
    lake: Lake
    quality: QualityReader
    statement_list: MonthLister
    policy_tests: PolicyTests
    costs: CostReports
    work: WorkRequests
    teams: TeamBills
    budgets: BudgetYears
    savings: Savings
    timezone: ZoneInfo
    clock: Clock


class Facts:
    """``finops.ports.pages.PageFacts`` for one request."""

    def __init__(self, ports: PagePorts, current: Published) -> None:
        self._ports = ports
        self._current = current

    def now(self) -> datetime:
        return self._ports.clock.now()

    def operations(self) -> Operations:
        return self._current.operations

    def day_before(self) -> Mapping[str, VerdictDay]:
        snapshot = self._current.snapshot
        if snapshot is None:
            return {}
        today = snapshot.as_of.astimezone(ZoneInfo(snapshot.timezone)).date()
        return self._ports.state.verdict_days.on(today - timedelta(days=1))

    def days(self, place: str) -> Sequence[VerdictDay]:
        today = self.now().astimezone(self._ports.timezone).date()
        return self._ports.state.verdict_days.of(place, since=today - _HISTORY)

    def alerts(self, wanted: AlertFilter, *, limit: int, offset: int) -> AlertPage:
        return self._ports.state.alerts.page(wanted, limit=limit, offset=offset, urgent_first=True)

    def alert_counts(self, *, live: bool) -> Sequence[AlertCount]:
        return self._ports.state.alerts.counts(live=live)

    def known_alerts(self) -> Sequence[AlertRecord]:
        return self._ports.state.alerts.known()

    def alert(self, alert_id: str) -> AlertRecord | None:
        try:
            return self._ports.state.alerts.alert(alert_id)
        except UnknownAlert:
            return None

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        return self._ports.state.alerts.history(alert_id)

    def incidents(self, wanted: IncidentFilter, *, limit: int, offset: int) -> tuple[Sequence[IncidentRecord], int]:
        return incident_records(self._ports.state, wanted, limit=limit, offset=offset)

    def incident_policies(self) -> Sequence[str]:
        return self._ports.state.incidents.policies()

    def deliveries(self, alert_id: str) -> Sequence[Delivery]:
        return self._ports.state.deliveries.page(limit=_DELIVERIES, alert_id=alert_id).deliveries

    def silences(self) -> Sequence[Silence]:
        return respond.silences(self._ports.state, clock=self._ports.clock)

    def restatements(self) -> Sequence[Change]:
        return self._ports.lake.history(limit=_RESTATEMENTS)

    def quality(self) -> Sequence[SourceQuality]:
        return self._ports.quality.read(sorted(source.name for source in self._current.operations.sources))

    def contracts(self) -> Sequence[SourceContracts]:
        lake, today = self._ports.lake, self.now().astimezone(self._ports.timezone).date()
        version = lake.version()
        view = lake.at(version, without=lake.faults(version))
        return source_contracts(view, [source.name for source in self._current.operations.sources], today)

    def statements(self) -> StatementList:
        return self._ports.statement_list.read()

    def tests(self, policy: str) -> Sequence[TestOutcome]:
        return self._ports.policy_tests.of(policy)

    def budget_year(self, year: int | None) -> BudgetYear:
        return self._ports.budgets.read(year)

    def teams(self, month: date | None) -> TeamList:
        return self._ports.teams.listed(month)

    def team_bill(self, name: str, month: date | None) -> TeamBill:
        return self._ports.teams.bill(name, month)

    def savings(self) -> SavingList:
        return self._ports.savings.measured(most_rows=MOST_ROWS_AT_ONCE)

    def demand_series(self) -> Sequence[str]:
        return sorted(self._ports.savings.series)

    def costs(self, question: CostQuestion) -> CostReport | PendingCosts:
        return self._ports.costs.read(question)

    def cost_columns(self) -> Sequence[str]:
        return self._ports.costs.columns
