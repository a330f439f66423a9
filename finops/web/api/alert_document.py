"""The JSON forms of alerts and of what is done about them; a test holds them to the values' own ``to_json``."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from finops.model.alert import AlertState, AlertStatus, ChangeReason
from finops.model.audit import AuditAction, Proof
from finops.model.delivery import DeliveryState
from finops.model.finding import Severity
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
    status: AlertStatus = Field(description="As people see it: acknowledged and silenced are told apart")
    state: AlertState
    severity: Severity
    since: datetime = Field(description="The first firing verdict of this episode")
    changed_at: datetime
    escalated_at: datetime | None
    acknowledged: AcknowledgementDocument | None
    silence: str | None = Field(description="The id of the silence that covers it")
    unknown: str = Field(description="Why the newest verdict is unknown; empty when it is not")
    told: dict[str, ToldDocument] = Field(description="By receiver")
    finding: FindingDocument


class ChangeOfAlertDocument(Document):
    """One line of an alert's history."""

    alert_id: str
    change: int = Field(description="Counts the lines")
    at: datetime
    actor: str = Field(description="'evaluation', or the person's name")
    reason: ChangeReason
    before: AlertStatus
    after: AlertStatus
    severity: Severity
    finding_id: str
    told: list[str] = Field(description="The receivers that a notice was written for")
    note: str = Field(description="Why, in the actor's own words")


class SilenceDocument(Document):
    """A span in which nobody is told of some alerts."""

    id: str
    matcher: dict[str, list[str]] = Field(description="All keys must match, each one of its values")
    reason: str
    actor: str
    at: datetime
    until: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_note: str


class DeliveryDocument(Document):
    """One message to one receiver."""

    id: str = Field(description="The idempotency key that the receiver is given")
    receiver: str
    reason: NoticeReason
    state: DeliveryState
    created_at: datetime
    due_at: datetime | None = Field(description="When a pending one is tried next")
    attempts: int
    ended_at: datetime | None
    answer: str = Field(description="The receiver's last answer")
    alerts: list[str] = Field(description="The alerts that it tells of")


class AuditDocument(Document):
    """One thing that a person did."""

    position: int = Field(description="Its place in the log")
    at: datetime
    action: AuditAction
    actor: str
    proof: Proof = Field(description="How the actor's name was proven")
    address: str = Field(description="Where it came from")
    target: str = Field(description="The id of the alert or of the silence")
    subject: str = Field(description="What that was, in words")
    why: str
