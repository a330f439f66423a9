"""Alerts: those that fire or are about to, and on request those that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from finops.model.alert import AlertRecord, AlertStatus
from finops.model.delivery import ReceiverTrouble
from finops.model.kind_profile import Profiles
from finops.model.operations import Operations
from finops.model.silence import Silence
from finops.model.wording import count_text
from finops.ports.pages import PageFacts
from finops.ports.state import AlertCount, AlertFilter
from finops_exporters import words
from finops_exporters.pages.filters import Choice, Filters, Pages, part_of
from finops_exporters.reason import reason_of

STATUSES = {
    AlertStatus.FIRING: ("Firing", "firing"),
    AlertStatus.ESCALATED: ("Escalated", "firing"),
    AlertStatus.ACKNOWLEDGED: ("Acknowledged", "known"),
    AlertStatus.SILENCED: ("Silenced", "known"),
    AlertStatus.PENDING: ("Pending", "known"),
    AlertStatus.RESOLVED: ("Resolved", "over"),
    AlertStatus.WITHDRAWN: ("Withdrawn", "over"),
    AlertStatus.INACTIVE: ("Inactive", "over"),
}
"""In words, and a class of the style sheet."""
_KEYS = ("owner", "severity", "status")
_PER_PAGE = 100


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
class TroubleLine:
    """``said``: how much it has not taken, since when. ``error``: its answer, and what to do."""

    receiver: str
    said: str
    error: str


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """How the deliveries to one receiver went."""

    name: str
    delivered: str
    failed: str
    parked: str
    waiting: str
    trouble: TroubleLine | None


@dataclass(frozen=True, slots=True)
class AlertList:
    headline: str
    lines: Sequence[AlertLine]
    pages: Pages | None
    silences: Sequence[SilenceLine]
    receivers: Sequence[ReceiverLine]
    choices: Mapping[str, Sequence[Choice]]
    everything: bool
    other_address: str
    are_filtered: bool


def alert_list(
    facts: PageFacts,
    query: Mapping[str, str],
    profiles: Profiles,
) -> AlertList:
    """``query``: ``owner``, ``severity``, ``status``, ``page``, and ``all`` for those that are over too."""
    everything = bool(query.get("all")) or query.get("status") in {"resolved", "withdrawn", "inactive"}
    given = {key: query.get(key, "")[:200] for key in _KEYS}
    counts, silences, now = facts.alert_counts(live=not everything), facts.silences(), facts.now()
    passing = [one for one in counts if _passes(one, given)]
    total, number = sum(one.count for one in passing), Filters.of(query).page
    pages, offset = part_of(total, number, _PER_PAGE, lambda page: _address(given, everything=everything, page=page))
    page = facts.alerts(AlertFilter(live=not everything, **given), limit=_PER_PAGE, offset=offset)
    return AlertList(
        headline=_headline(passing, everything=everything),
        lines=[_line(record, silences, now, profiles) for record in page.alerts],
        pages=pages,
        silences=[silence_line(silence, now) for silence in silences],
        receivers=_receivers(facts.operations()),
        choices=_choices(counts, given),
        everything=everything,
        other_address=_address(given, everything=not everything),
        are_filtered=any(given.values()),
    )


def _address(given: Mapping[str, str], *, everything: bool, page: int = 1) -> str:
    told = {key: value for key, value in given.items() if value}
    told |= ({"all": "1"} if everything else {}) | ({"page": str(page)} if page > 1 else {})
    return f"/alerts?{urlencode(told)}" if told else "/alerts"


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


def _passes(one: AlertCount, given: Mapping[str, str]) -> bool:
    return all(not value or getattr(one, key) == value for key, value in given.items())


def _headline(passing: Sequence[AlertCount], *, everything: bool) -> str:
    def number(*of: str) -> int:
        return sum(one.count for one in passing if STATUSES[one.status][1] in of)

    loud, known, over = number("firing"), number("known"), number("over")
    if loud:
        return f"{count_text(loud, 'alert')} {'is' if loud == 1 else 'are'} unacknowledged"
    if known:
        return f"{count_text(known, 'alert')}, all acknowledged or silenced"
    return f"{count_text(over, 'alert')}, all resolved" if everything and over else "No active alerts"


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


def _choices(counts: Sequence[AlertCount], given: Mapping[str, str]) -> Mapping[str, Sequence[Choice]]:
    owners = sorted({one.owner for one in counts if one.owner})
    return {
        "owner": [Choice(owner, words.shown(owner), owner == given["owner"]) for owner in owners],
        "severity": [
            Choice(one.value, shown, one.value == given["severity"]) for one, shown in words.SEVERITIES.items()
        ],
        "status": [Choice(one.value, shown, one.value == given["status"]) for one, (shown, _) in STATUSES.items()],
    }


def troubles_of(operations: Operations) -> list[TroubleLine]:
    """Receivers that refuse or fail now."""
    return [
        TroubleLine(words.shown(one.receiver), _said(one), words.shown(one.error, 600))
        for one in operations.outbox.troubles
    ]


def _said(trouble: ReceiverTrouble) -> str:
    messages, at = count_text(trouble.messages, "message"), words.minute(trouble.at)
    if trouble.again_at is None:
        return f"refused {messages}, last on {at}. Refused messages are not sent again."
    waits = "waits" if trouble.messages == 1 else "wait"
    return f"could not be reached: {messages} {waits} since {at}. Next attempt: {words.minute(trouble.again_at)}."


def _receivers(operations: Operations) -> list[ReceiverLine]:
    outbox = operations.outbox
    troubles = {one.receiver: one for one in reversed(troubles_of(operations))}
    lines = []
    for name in sorted(outbox.pending):
        delivered, failed, parked = (
            outbox.deliveries.get((name, outcome), 0) for outcome in ("delivered", "failed", "parked")
        )
        shown = words.shown(name)
        counts = (f"{delivered:,}", f"{failed:,}", f"{parked:,}", f"{outbox.pending[name]:,}")
        lines.append(ReceiverLine(shown, *counts, troubles.get(shown)))
    return lines
