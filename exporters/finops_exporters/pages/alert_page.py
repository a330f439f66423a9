"""The page of one alert: why, since when, who owns it, what to do, what was sent, and what people did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops.model.alert import AlertChange, AlertRecord, AlertStatus, ChangeReason
from finops.model.cost_links import costs_behind, saving_behind
from finops.model.delivery import Delivery, DeliveryState
from finops.model.kind_profile import Profiles
from finops.model.notice import NoticeReason
from finops.model.silence import Silence
from finops_exporters import words
from finops_exporters.advice import advice_of
from finops_exporters.changed import Changed, changed_of
from finops_exporters.figures import Figure, figures_of
from finops_exporters.pages.alert_list import STATUSES, SilenceLine, silence_line
from finops_exporters.pages.drawings import drawings_of
from finops_exporters.pages.snapshot_index import SnapshotIndex
from finops_exporters.reason import reason_of

EVENTS = {
    ChangeReason.PENDING: "Pending: not yet firing for long enough",
    ChangeReason.CLEARED: "Inactive again before it fired",
    ChangeReason.FIRED: "Fired",
    ChangeReason.ESCALATED: "Escalated",
    ChangeReason.DEESCALATED: "Eased",
    ChangeReason.TOLD_AGAIN: "Notified again",
    ChangeReason.RESOLVED: "Resolved",
    ChangeReason.POLICY_REMOVED: "Withdrawn: the policy was removed",
    ChangeReason.GROUP_GONE: "Ended: the group is gone from the data",
    ChangeReason.ACKNOWLEDGED: "Acknowledged",
    ChangeReason.SILENCED: "Silenced",
    ChangeReason.LEVEL_ACCEPTED: "New level accepted",
    ChangeReason.SILENCE_LIFTED: "Silence lifted",
    ChangeReason.SILENCE_ENDED: "Silence ended",
    ChangeReason.EXPIRES: "Silence or exception ends soon",
}
_SENT = {
    NoticeReason.FIRST: "firing",
    NoticeReason.ESCALATED: "escalated",
    NoticeReason.DEESCALATED: "severity lowered",
    NoticeReason.REPEAT: "still firing",
    NoticeReason.RESOLVED: "resolved",
    NoticeReason.WITHDRAWN: "withdrawn",
    NoticeReason.EXPIRES: "silence or exception ends",
}
_DELIVERIES = {
    DeliveryState.PENDING: ("Waiting", "warning"),
    DeliveryState.DELIVERED: ("Delivered", "ok"),
    DeliveryState.PARKED: ("Parked", "critical"),
    DeliveryState.FOLDED: ("Sent in a digest", "ok"),
}
SPANS = (("4h", "4 hours"), ("1d", "1 day"), ("3d", "3 days"), ("7d", "7 days"), ("14d", "14 days"), ("30d", "30 days"))


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history; the newest comes first."""

    at: str
    at_iso: str
    what: str
    severity: str
    who: str
    told: str
    note: str


@dataclass(frozen=True, slots=True)
class Sent:
    receiver: str
    what: str
    at: str
    tone: str
    state: str
    again: str
    answer: str
    attempts: int


@dataclass(frozen=True, slots=True)
class AlertPage:
    """``may_acknowledge``: it fires and nobody has. ``is_live``: it can be silenced."""

    id: str
    name: str
    group: Sequence[tuple[str, str]]
    title: str
    tone: str
    severity: str
    status: str
    status_class: str
    reason: str
    unknown: str
    owner: str
    description: str
    since: str
    since_iso: str
    lasting: str
    figures: Sequence[Figure]
    changed: Changed | None
    costs: str
    saving: str
    advice: Sequence[str]
    verdict: str
    acknowledged: str
    acknowledged_note: str
    silence: SilenceLine | None
    may_acknowledge: bool
    is_live: bool
    has_group: bool
    events: Sequence[Event]
    sent: Sequence[Sent]
    first_day: str
    last_day: str
    chart: str
    chart_text: str


def alert_page(
    record: AlertRecord,
    history: Sequence[AlertChange],
    deliveries: Sequence[Delivery],
    silences: Sequence[Silence],
    index: SnapshotIndex | None,
    profiles: Profiles,
    now: datetime,
) -> AlertPage:
    """``index``: None before the first evaluation of this process."""
    finding, (status, status_class) = record.finding, STATUSES[record.status]
    verdict = index.by_place.get(finding.anchor) if index else None
    silence = next((one for one in silences if one.id == record.silence), None)
    policy = index.policies.get(finding.policy) if index else None
    group = [(words.shown(key), words.shown(value)) for key, value in sorted(finding.group.items())]
    acknowledged = record.acknowledged if record.status is AlertStatus.ACKNOWLEDGED else None
    drawing = next(iter(drawings_of(verdict, index.today)), None) if index is not None and verdict is not None else None
    profile = profiles.of(finding.kind)
    return AlertPage(
        id=record.id,
        name=words.shown(finding.policy),
        group=group,
        title=" · ".join((words.shown(finding.policy), *(f"{key} {value}" for key, value in group))),
        tone=record.severity.value if record.is_live else "ok",
        severity=words.SEVERITIES[record.severity],
        status=status,
        status_class=status_class,
        reason=reason_of(finding, profile),
        unknown=words.sentence(record.unknown, finding),
        owner=words.shown(finding.owner),
        description=words.shown(finding.description, 600),
        since=words.minute(record.since),
        since_iso=record.since.isoformat(),
        lasting=words.span(now - record.since) if record.is_live else "",
        figures=figures_of(finding, profile),
        changed=changed_of(finding, policy),
        costs=costs_behind(finding, policy),
        saving=saving_behind(finding, policy),
        advice=advice_of(finding, profile, policy) if record.is_live else [],
        verdict=finding.page if verdict is not None else "",
        acknowledged=(
            f"{words.shown(acknowledged.actor)}, {words.minute(acknowledged.at)}" if acknowledged is not None else ""
        ),
        acknowledged_note=words.shown(acknowledged.note, 600) if acknowledged is not None else "",
        silence=silence_line(silence, now) if silence is not None else None,
        may_acknowledge=record.status in {AlertStatus.FIRING, AlertStatus.ESCALATED},
        is_live=record.is_live,
        has_group=bool(finding.group),
        events=[_event(change) for change in reversed(history)],
        sent=[_sent(delivery) for delivery in deliveries],
        first_day=(now + timedelta(days=1)).date().isoformat(),
        last_day=(now + timedelta(days=364)).date().isoformat(),
        chart=f"/charts/{finding.anchor}/{drawing.name}.svg" if drawing is not None else "",
        chart_text=drawing.text if drawing is not None else "",
    )


def _event(change: AlertChange) -> Event:
    by_person = change.actor != "evaluation"
    return Event(
        words.minute(change.at),
        change.at.isoformat(),
        EVENTS.get(change.reason, change.reason.value.replace("_", " ").capitalize()),
        words.SEVERITIES[change.severity],
        words.shown(change.actor) if by_person else "",
        words.listed([words.shown(receiver) for receiver in change.told]) if change.told else "",
        words.shown(change.note, 600),
    )


def _sent(delivery: Delivery) -> Sent:
    state, tone = _DELIVERIES[delivery.state]
    at = delivery.ended_at or delivery.created_at
    is_tried_again = delivery.state is DeliveryState.PENDING and delivery.attempts > 0
    again = f"again {words.minute(delivery.due_at)}" if is_tried_again else ""
    return Sent(
        words.shown(delivery.receiver),
        _SENT.get(delivery.reason, delivery.reason.value),
        words.minute(at),
        tone,
        state,
        again,
        words.shown(delivery.answer, 300),
        delivery.attempts,
    )
