"""Pages of made-up snapshots, read as a reader would."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlsplit

from finops.errors import BadArguments
from finops.model.alert import AlertChange, AlertRecord, AlertStatus
from finops.model.budget_year import BudgetYear
from finops.model.cost_question import CostQuestion
from finops.model.cost_report import CostReport
from finops.model.delivery import Delivery
from finops.model.finding import Finding
from finops.model.operations import Operations
from finops.model.quality import SourceQuality
from finops.model.saving import SavingList
from finops.model.silence import Silence
from finops.model.snapshot import Snapshot
from finops.model.statement import SourceContracts
from finops.model.team_bill import TeamBill, TeamList
from finops.model.verdict_day import VerdictDay
from finops.ports.exporter import Document
from finops.ports.incidents import IncidentFilter, IncidentRecord
from finops.ports.lake import Change
from finops.ports.pages import MonthTotals, PageRequest, PendingCosts, Reader, StatementList, TestOutcome
from finops.ports.state import AlertCount, AlertFilter, AlertPage
from finops_exporters.pages import PagesExporter
from tests.support.profiles import PROFILES
from tests.support.snapshots import AS_OF, evaluation, operations, snapshot

PAGES = PagesExporter()
ANNA = Reader("anna", may_respond=True, token_field="form_token", form_token="signed")


@dataclass
class StillFacts:
    """``finops.ports.pages.PageFacts`` of a state that does not change."""

    ours: Operations = field(default_factory=operations)
    before: Mapping[str, VerdictDay] = field(default_factory=dict)
    history_of: Sequence[VerdictDay] = ()
    records: Sequence[AlertRecord] = ()
    changes: Sequence[AlertChange] = ()
    incident_records: Sequence[IncidentRecord] = ()
    sent: Sequence[Delivery] = ()
    quiet: Sequence[Silence] = ()
    restated: Sequence[Change] = ()
    outcomes: Sequence[TestOutcome] = ()
    billed: Sequence[MonthTotals] = ()
    qualities: Sequence[SourceQuality] = ()
    agreed: Sequence[SourceContracts] = ()
    reported: CostReport | PendingCosts | None = None
    teams_listed: TeamList | None = None
    team_billed: TeamBill | None = None
    planned: BudgetYear | None = None
    saved: SavingList | None = None

    def now(self) -> datetime:
        return AS_OF

    def operations(self) -> Operations:
        return self.ours

    def day_before(self) -> Mapping[str, VerdictDay]:
        return self.before

    def days(self, place: str) -> Sequence[VerdictDay]:
        return [day for day in self.history_of if day.place == place]

    def alerts(self, wanted: AlertFilter, *, limit: int, offset: int) -> AlertPage:
        """In the order given, of whatever status."""
        return AlertPage(self.records[offset : offset + limit], len(self.records))

    def alert_counts(self, *, live: bool) -> Sequence[AlertCount]:
        return [AlertCount(one.status, one.severity, one.finding.owner, 1) for one in self.records]

    def known_alerts(self) -> Sequence[AlertRecord]:
        known = {AlertStatus.ACKNOWLEDGED, AlertStatus.SILENCED}
        return [record for record in self.records if record.status in known]

    def alert(self, alert_id: str) -> AlertRecord | None:
        return next((record for record in self.records if record.id == alert_id), None)

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        return [change for change in self.changes if change.alert_id == alert_id]

    def incidents(self, wanted: IncidentFilter, *, limit: int, offset: int) -> tuple[Sequence[IncidentRecord], int]:
        found = [
            one
            for one in self.incident_records
            if wanted.policy in ("", one.incident.policy)
            and wanted.alert_id in ("", one.incident.alert_id)
            and wanted.open in (None, one.incident.is_open)
        ]
        return found[offset : offset + limit], len(found)

    def incident_policies(self) -> Sequence[str]:
        return sorted({one.incident.policy for one in self.incident_records})

    def deliveries(self, alert_id: str) -> Sequence[Delivery]:
        return self.sent

    def silences(self) -> Sequence[Silence]:
        return self.quiet

    def restatements(self) -> Sequence[Change]:
        return self.restated

    def contracts(self) -> Sequence[SourceContracts]:
        return self.agreed

    def quality(self) -> Sequence[SourceQuality]:
        return self.qualities

    def statements(self) -> StatementList:
        return StatementList(self.billed, ["team", "SubAccountId"])

    def costs(self, question: CostQuestion) -> CostReport | PendingCosts:
        assert self.reported is not None, "the test gives no report of costs"
        return self.reported

    def budget_year(self, year: int | None) -> BudgetYear:
        assert self.planned is not None, "the test gives no budgets"
        return self.planned

    def teams(self, month: date | None) -> TeamList:
        assert self.teams_listed is not None, "the test gives no teams"
        return self.teams_listed

    def team_bill(self, name: str, month: date | None) -> TeamBill:
        if self.team_billed is None:
            raise BadArguments(f"no team '{name}'", where="team", remedy="Known: checkout")
        return self.team_billed

    def savings(self) -> SavingList:
        assert self.saved is not None, "the test gives no savings"
        return self.saved

    def demand_series(self) -> Sequence[str]:
        return ["orders", "requests"]

    def cost_columns(self) -> Sequence[str]:
        return ["team", "ServiceName"]

    def tests(self, policy: str) -> Sequence[TestOutcome]:
        return self.outcomes


def of(*found: Finding) -> Snapshot:
    return snapshot(evaluation(found))


def answer(
    made: Snapshot | None,
    address: str = "/",
    facts: StillFacts | None = None,
    *,
    reader: Reader = ANNA,
    fault: str = "",
    typed: Mapping[str, str] | None = None,
) -> Document:
    """The document at an address; the test fails where there is none."""
    parts = urlsplit(address)
    asked = PageRequest(unquote(parts.path), dict(parse_qsl(parts.query)), reader, fault, typed or {})
    document = PAGES.render(made, PROFILES).page(asked, facts or StillFacts())
    assert document is not None, address
    return document


def html(made: Snapshot | None, address: str = "/", facts: StillFacts | None = None) -> str:
    return answer(made, address, facts).body.decode()


def text(page: str) -> str:
    """What a reader sees, white space folded and numbers glued by plain spaces."""

    class Seen(HTMLParser):
        seen = ""
        hidden = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.hidden += tag in ("head", "svg")
            self.seen += " "

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in ("head", "svg")
            self.seen += " "

        def handle_data(self, data: str) -> None:
            self.seen += "" if self.hidden else data

    reader = Seen()
    reader.feed(page)
    return re.sub(r"\s+", " ", reader.seen)


def read(made: Snapshot | None, address: str = "/", facts: StillFacts | None = None) -> str:
    return text(html(made, address, facts))
