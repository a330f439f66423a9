"""Alerts: those that fire or are about to, and on request those that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from finops.model.alert import AlertRecord, AlertStatus
from finops.model.kind_profile import Profiles
from finops.model.operations import Operations
from finops.model.silence import Silence
from finops.model.wording import count_text
from finops_exporters.pages import words
from finops_exporters.pages.filters import Choice
from finops_exporters.pages.reason import reason_of

STATUSES = {
    AlertStatus.FIRING: ("Firing", "firing"),
    AlertStatus.ESCALATED: ("Escalated", "firing"),
    AlertStatus.ACKNOWLEDGED: ("Acknowledged", "known"),
    AlertStatus.SILENCED: ("Silenced", "known"),
    AlertStatus.PENDING: ("Pending", "known"),
    AlertStatus.RESOLVED: ("Resolved", "over"),
    AlertStatus.INACTIVE: ("Inactive", "over"),
}
"""In words, and a class of the style sheet."""
_KEYS = ("owner", "severity", "status")
_MOST = 200


@dataclass(frozen=True, slots=True)
class AlertLine:
    address: str
    name: str
    group: Sequence[tuple[str, str]]
    owner: str
    tone: str
    severity: str
    status: str
    status_class: str
    reason: str
    since: str
    since_iso: str
    lasting: str
    by: str


@dataclass(frozen=True, slots=True)
class SilenceLine:
    id: str
    what: str
    reason: str
    by: str
    until: str
    until_iso: str
    left: str


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """How the deliveries to one receiver went."""

    name: str
    delivered: str
    failed: str
    parked: str
    waiting: str
    is_well: bool


@dataclass(frozen=True, slots=True)
class AlertList:
    headline: str
    lines: Sequence[AlertLine]
    more: int
    silences: Sequence[SilenceLine]
    receivers: Sequence[ReceiverLine]
    choices: Mapping[str, Sequence[Choice]]
    everything: bool
    other_address: str
    are_filtered: bool


def alert_list(
    records: Sequence[AlertRecord],
    silences: Sequence[Silence],
    operations: Operations,
    query: Mapping[str, str],
    now: datetime,
    profiles: Profiles,
) -> AlertList:
    """``query``: ``owner``, ``severity``, ``status``, and ``all`` for those that are over too."""
    everything = wants_everything(query)
    given = {key: query.get(key, "")[:200] for key in _KEYS}
    in_reach = [record for record in records if everything or record.is_live]
    shown = sorted((record for record in in_reach if _passes(record, given)), key=_urgency)
    told = {key: value for key, value in given.items() if value} | ({} if everything else {"all": "1"})
    return AlertList(
        headline=_headline(shown, everything=everything),
        lines=[_line(record, silences, now, profiles) for record in shown[:_MOST]],
        more=max(0, len(shown) - _MOST),
        silences=[silence_line(silence, now) for silence in silences],
        receivers=_receivers(operations),
        choices=_choices(in_reach, given),
        everything=everything,
        other_address=f"/alerts?{urlencode(told)}" if told else "/alerts",
        are_filtered=any(given.values()),
    )


def wants_everything(query: Mapping[str, str]) -> bool:
    """Whether alerts that are over are asked for too."""
    return bool(query.get("all")) or query.get("status") in {"resolved", "inactive"}


def silence_line(silence: Silence, now: datetime) -> SilenceLine:
    return SilenceLine(
        silence.id,
        words.shown(silence.label, 300),
        words.shown(silence.reason, 600),
        f"{words.shown(silence.actor)}, {words.minute(silence.at)}",
        words.minute(silence.until),
        silence.until.isoformat(),
        words.span(silence.until - now),
    )


def _passes(record: AlertRecord, given: Mapping[str, str]) -> bool:
    facts = {"owner": record.finding.owner, "severity": record.severity.value, "status": record.status.value}
    return all(not value or facts[key] == value for key, value in given.items())


def _urgency(record: AlertRecord) -> tuple[int, int, float, str, str]:
    order = list(STATUSES).index(record.status)
    return (order > 1) + (order > 4), -record.severity.rank, -record.since.timestamp(), record.policy, record.id


def _headline(shown: Sequence[AlertRecord], *, everything: bool) -> str:
    loud = sum(STATUSES[record.status][1] == "firing" for record in shown)
    if loud:
        return f"{count_text(loud, 'alert')} {'is' if loud == 1 else 'are'} unacknowledged"
    known = sum(STATUSES[record.status][1] == "known" for record in shown)
    if known:
        return f"{count_text(known, 'alert')}, all acknowledged or silenced"
    return f"{count_text(len(shown), 'alert')}, all resolved" if everything and shown else "No active alerts"


def _line(record: AlertRecord, silences: Sequence[Silence], now: datetime, profiles: Profiles) -> AlertLine:
    finding, (status, status_class) = record.finding, STATUSES[record.status]
    return AlertLine(
        address=f"/alerts/{record.id}",
        name=words.shown(finding.policy),
        group=[(words.shown(key), words.shown(value)) for key, value in sorted(finding.group.items())],
        owner=words.shown(finding.owner, 60),
        tone=record.severity.value if record.is_live else "ok",
        severity=words.SEVERITIES[record.severity],
        status=status,
        status_class=status_class,
        reason=reason_of(finding, profiles.of(finding.kind)),
        since=words.minute(record.since),
        since_iso=record.since.isoformat(),
        lasting=words.span(now - record.since) if record.is_live else "",
        by=_by(record, silences),
    )


def _by(record: AlertRecord, silences: Sequence[Silence]) -> str:
    if record.status is AlertStatus.ACKNOWLEDGED and record.acknowledged:
        return f"by {words.shown(record.acknowledged.actor)}"
    if record.status is AlertStatus.SILENCED:
        until = next((silence.until for silence in silences if silence.id == record.silence), None)
        return f"until {words.minute(until)}" if until else ""
    return ""


def _choices(records: Sequence[AlertRecord], given: Mapping[str, str]) -> Mapping[str, Sequence[Choice]]:
    owners = sorted({record.finding.owner for record in records if record.finding.owner})
    return {
        "owner": [Choice(owner, words.shown(owner), owner == given["owner"]) for owner in owners],
        "severity": [
            Choice(one.value, shown, one.value == given["severity"]) for one, shown in words.SEVERITIES.items()
        ],
        "status": [Choice(one.value, shown, one.value == given["status"]) for one, (shown, _) in STATUSES.items()],
    }


def _receivers(operations: Operations) -> list[ReceiverLine]:
    outbox = operations.outbox
    lines = []
    for name in sorted(outbox.pending):
        delivered, failed, parked = (
            outbox.deliveries.get((name, outcome), 0) for outcome in ("delivered", "failed", "parked")
        )
        waiting = outbox.pending[name]
        is_well = waiting == parked == 0
        lines.append(
            ReceiverLine(
                words.shown(name),
                f"{delivered:,}",
                f"{failed:,}",
                f"{parked:,}",
                f"{waiting:,}",
                is_well,
            )
        )
    return lines
