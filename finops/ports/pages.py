"""What pages for people are made of, beside the snapshot: who reads, what they ask for, and the state as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

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
from finops.ports.incidents import IncidentFilter, IncidentRecord
from finops.ports.lake import Change
from finops.ports.state import AlertCount, AlertFilter, AlertPage


@dataclass(frozen=True, slots=True)
class Reader:
    """``name``: as it stands in an alert's history. ``form_token``: for the hidden field ``token_field`` of forms."""

    name: str
    may_respond: bool
    token_field: str
    form_token: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """``path``: from the service's root, decoded. ``fault``: why what the reader just sent was refused, with
    ``typed``, what they had typed."""

    path: str
    query: Mapping[str, str]
    reader: Reader
    fault: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test of a policy. ``place``: file and line. ``faults``: what did not come out as expected; empty: it passed."""

    name: str
    place: str
    text: str
    faults: tuple[str, ...]

    __test__ = False  # no class of tests, whatever its name says to pytest


@dataclass(frozen=True, slots=True)
class BilledMonth:
    """``first``: its first day. ``sources``: whose bills of it are there, by name. ``settled``: nothing in it is
    expected to change."""

    first: date
    sources: tuple[str, ...]
    settled: bool


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """What the statement of a month says, in short. ``effective``: EffectiveCost, whole cents; None where ``unknown``
    says why. ``change``: since the month before, or since its ``same_days`` while the month runs; None where that month
    is not there. ``over`` of ``budgets`` that end in the month are over, by ``over_by`` (None: budgets were not
    asked). ``agreeing`` and ``differing`` of ``bills`` have an invoice.
    """

    month: BilledMonth
    currency: str
    effective: Decimal | None
    change: Decimal | None = None
    same_days: bool = False
    budgets: int = 0
    over: int = 0
    over_by: Decimal | None = None
    bills: int = 0
    agreeing: int = 0
    differing: int = 0
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class StatementList:
    """``by``: what statements can be made by, the default first."""

    months: Sequence[MonthTotals]
    by: Sequence[str]


@dataclass(frozen=True, slots=True)
class PendingCosts:
    """A report that is being made from so many single ``rows``: ``done`` of ``parts``, in about ``seconds``."""

    rows: int
    seconds: int
    done: int
    parts: int


class ServiceFacts(Protocol):
    """What every page says at its top."""

    def now(self) -> datetime: ...

    def operations(self) -> Operations: ...


class PageFacts(ServiceFacts, Protocol):
    """Each call may raise ``Unreachable``, ``AccessDenied`` or ``BrokenStore``."""

    def day_before(self) -> Mapping[str, VerdictDay]:
        """The last verdicts of the day before the snapshot's, by place."""
        ...

    def days(self, place: str) -> Sequence[VerdictDay]:
        """The last 90 days of a policy and group, oldest first."""
        ...

    def alerts(self, wanted: AlertFilter, *, limit: int, offset: int) -> AlertPage:
        """The most urgent first."""
        ...

    def alert_counts(self, *, live: bool) -> Sequence[AlertCount]:
        """Of every alert, or only of those that fire or are about to."""
        ...

    def known_alerts(self) -> Sequence[AlertRecord]:
        """Live ones that are acknowledged or silenced."""
        ...

    def alert(self, alert_id: str) -> AlertRecord | None: ...

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        """Oldest first."""
        ...

    def incidents(self, wanted: IncidentFilter, *, limit: int, offset: int) -> tuple[Sequence[IncidentRecord], int]:
        """One page of them, open ones first; and how many pass the filter."""
        ...

    def incident_policies(self) -> Sequence[str]:
        """Names of policies with incidents, sorted."""
        ...

    def deliveries(self, alert_id: str) -> Sequence[Delivery]:
        """The newest 100 messages that told of an alert, newest first."""
        ...

    def silences(self) -> Sequence[Silence]:
        """Those that hold now, the one that ends first comes first."""
        ...

    def restatements(self) -> Sequence[Change]:
        """The newest replacements of billing periods, newest first."""
        ...

    def quality(self) -> Sequence[SourceQuality]:
        """Of each source with rows in the lake, by name."""
        ...

    def contracts(self) -> Sequence[SourceContracts]:
        """Commitments and invoices of each source that the lake knows any of, by name."""
        ...

    def statements(self) -> StatementList:
        """The months that a statement can be made of, the newest first."""
        ...

    def tests(self, policy: str) -> Sequence[TestOutcome]:
        """The tests beside a policy, as they come out now: a second where they have to run. Raises ``Malformed``."""
        ...

    def budget_year(self, year: int | None) -> BudgetYear:
        """The budgets of the fiscal year that begins in ``year``, by default of the running one."""
        ...

    def teams(self, month: date | None) -> TeamList:
        """What each team pays for in a month, by default the running one."""
        ...

    def team_bill(self, name: str, month: date | None) -> TeamBill:
        """Raises ``BadArguments`` for a team that is not known."""
        ...

    def savings(self) -> SavingList:
        """Claims that the reader may see, with what they saved until now."""
        ...

    def demand_series(self) -> Sequence[str]:
        """What a claim may be driven by, sorted."""
        ...

    def costs(self, question: CostQuestion) -> CostReport | PendingCosts:
        """Of the newest data. Raises ``BadArguments``."""
        ...

    def cost_columns(self) -> Sequence[str]:
        """What costs can be grouped by: configured dimensions, then columns of the rollup, then of single rows."""
        ...
