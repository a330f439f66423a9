"""The JSON forms of alerts and of what is done about them; a test holds them to the values' own ``to_json``."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from finops.model.alert import AlertState, AlertStatus, ChangeReason
from finops.model.audit import AuditAction, Proof
from finops.model.delivery import DeliveryState
from finops.model.finding import Severity
from finops.model.incident import IncidentEnd
from finops.model.notice import NoticeReason
from finops.web.api.answer import Document
from finops.web.api.finding_document import FindingDocument


class AcknowledgementDocument(Document):
    """Who knows of an alert since when."""

    at: datetime
    actor: str
    note: str


class ToldDocument(Document):
    """What a receiver was last told."""

    at: datetime
    severity: Severity


class AlertDocument(Document):
    """One alert: a policy and a group."""

    id: str
    policy: str
    group: dict[str, str]
    owner: str
    status: AlertStatus = Field(description="Status as shown on pages; distinguishes acknowledged and silenced")
    state: AlertState
    severity: Severity
    since: datetime = Field(description="Time of the first firing verdict of this episode")
    changed_at: datetime
    escalated_at: datetime | None
    acknowledged: AcknowledgementDocument | None
    silence: str | None = Field(description="ID of the silence that matches it")
    unknown: str = Field(description="Why the latest verdict is unknown; otherwise empty")
    told: dict[str, ToldDocument] = Field(description="By receiver")
    finding: FindingDocument


class ChangeOfAlertDocument(Document):
    """One line of an alert's history."""

    alert_id: str
    change: int = Field(description="Counts the lines")
    at: datetime
    actor: str = Field(description="'evaluation', or the name of a user")
    reason: ChangeReason
    before: AlertStatus
    after: AlertStatus
    severity: Severity
    finding_id: str
    told: list[str] = Field(description="Receivers that were notified")
    note: str = Field(description="Note by the actor")


class DoneDocument(Document):
    """What a user did about the alert of an incident while it was open."""

    at: datetime
    actor: str
    what: ChangeReason
    note: str


class IncidentDocument(Document):
    """An incident of an anomaly: days out of line with the history of a group."""

    id: str
    policy: str
    kind: str
    group: dict[str, str]
    owner: str
    alert_id: str = Field(description="ID of the alert of its policy and group")
    since: date = Field(description="First day")
    last: date = Field(description="Last day known to belong to it")
    until: date | None = Field(description="First day that was as expected again")
    currency: str
    peak: str = Field(description="Cost of the day farthest from its expected cost")
    peak_day: date
    excess: str = Field(description="Cost above the expected cost over all days; negative for a drop")
    seen_at: datetime = Field(description="Time of the evaluation that first saw it")
    ended_at: datetime | None
    end: IncidentEnd | None = Field(description="How it ended; null while it is open")
    actor: str = Field(description="Who accepted the new level; otherwise empty")
    reason: str = Field(description="Why it ended, if its cost did not return")
    alerted: bool = Field(description="Whether its policy and group have an alert")
    done: list[DoneDocument] = Field(description="Acknowledgements, silences and acceptance, oldest first")


class SilenceDocument(Document):
    """A span in which nobody is told of some alerts."""

    id: str
    matcher: dict[str, list[str]] = Field(description="All keys must match, each with one of its values")
    reason: str
    actor: str
    at: datetime
    until: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_note: str


class DeliveryDocument(Document):
    """One message to one receiver."""

    id: str = Field(description="Idempotency key passed to the receiver")
    receiver: str
    reason: NoticeReason
    state: DeliveryState
    created_at: datetime
    due_at: datetime | None = Field(description="Time of the next attempt, if pending")
    attempts: int
    ended_at: datetime | None
    answer: str = Field(description="Last answer of the receiver")
    alerts: list[str] = Field(description="Alerts that it reports")


class AuditDocument(Document):
    """One thing that a person did."""

    position: int = Field(description="Position in the log")
    at: datetime
    action: AuditAction
    actor: str
    proof: Proof = Field(description="How the actor was authenticated")
    address: str = Field(description="Address of the client")
    target: str = Field(description="ID of the alert or silence, or name of the source; may be empty")
    subject: str = Field(description="Description of the target")
    why: str
