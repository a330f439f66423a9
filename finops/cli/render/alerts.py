"""Alerts, their history and silences as tables for terminals. Text from bills is printed as it is, never as markup."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.table import Column, Table
from rich.text import Text

from finops.model.age import age
from finops.model.alert import AlertChange, AlertRecord
from finops.model.audit import AuditEntry
from finops.model.finding import Group, group_label
from finops.model.silence import Silence
from finops.model.untrusted import one_line
from finops.model.wording import amount_text
from finops.ports.incidents import IncidentRecord


def alert_table(alerts: Iterable[AlertRecord], now: datetime) -> Table:
    table = Table(_whole("Alert"), "Policy", "Group", "State", "Since", "Why", "Told", pad_edge=False)
    for alert in alerts:
        why = alert.finding.reason + (f" (now unknown: {alert.unknown})" if alert.unknown else "")
        told = ", ".join(f"{name} {age(one.at, now)}" for name, one in sorted(alert.told.items()))
        status = f"{alert.status.value} {alert.severity.value}"
        if alert.acknowledged:
            status += f"\nby {alert.acknowledged.actor} {age(alert.acknowledged.at, now)}"
        table.add_row(
            alert.id,
            _text(alert.policy),
            _group(alert.group),
            Text(status),
            age(alert.since, now),
            _text(why),
            _text(told or "nobody"),
        )
    return table


def history_table(changes: Iterable[AlertChange]) -> Table:
    table = Table("When (UTC)", "Who", "What", "From", "To", "Severity", "Told", "Why", pad_edge=False)
    for change in changes:
        table.add_row(
            f"{change.at:%Y-%m-%d %H:%M}",
            _text(change.actor),
            change.reason.value.replace("_", " "),
            change.before.value,
            change.after.value,
            change.severity.value,
            _text(", ".join(change.told) or "nobody"),
            _text(change.note),
        )
    return table


def silence_table(silences: Iterable[Silence], now: datetime) -> Table:
    table = Table(_whole("Silence"), "Covers", "Until (UTC)", "Who", "Made", "Why", "Ended", pad_edge=False)
    for silence in silences:
        table.add_row(
            silence.id,
            _text(silence.label),
            f"{silence.until:%Y-%m-%d %H:%M}",
            _text(silence.actor),
            age(silence.at, now),
            _text(silence.reason),
            _text(_ended(silence, now)),
        )
    return table


def incident_table(records: Iterable[IncidentRecord]) -> Table:
    heads = "Policy", "Group", "Since", "Last day", "Above expected", "Peak", "Ended", "What was done"
    table = Table(_whole("Alert"), *heads, pad_edge=False)
    for record in records:
        one = record.incident
        table.add_row(
            one.alert_id,
            _text(one.policy),
            _group(one.group),
            f"{one.since}",
            f"{one.last}",
            _text(amount_text(one.excess.amount, one.currency)),
            _text(f"{amount_text(one.peak.amount, one.currency)} on {one.peak_day}"),
            _text(f"{one.end.value}{f' by {one.actor}' if one.actor else ''}" if one.end else "open"),
            _text("; ".join(_done(change) for change in record.done)),
        )
    return table


def _done(change: AlertChange) -> str:
    note = f": {change.note}" if change.note else ""
    return f"{change.reason.value.replace('_', ' ')} by {change.actor} on {change.at:%Y-%m-%d}{note}"


def audit_table(entries: Iterable[AuditEntry]) -> Table:
    table = Table("When (UTC)", "Who", "Proven by", "From", "Did", "To", "Which was", "Why", pad_edge=False)
    for entry in entries:
        table.add_row(
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            _text(entry.actor.name),
            entry.actor.proof.value,
            _text(entry.actor.address),
            entry.action.value.replace("_", " "),
            entry.target,
            _text(entry.subject),
            _text(entry.why),
        )
    return table


def _whole(header: str) -> Column:
    """An id is copied: it is never shortened."""
    return Column(header, no_wrap=True, min_width=16)


def _text(text: str) -> Text:
    return Text(one_line(text))


def _group(group: Group) -> Text:
    return _text(group_label(group) or "–")


def _ended(silence: Silence, now: datetime) -> str:
    if silence.lifted_at:
        return f"{age(silence.lifted_at, now)} by {silence.lifted_by}" + (
            f": {silence.lifted_note}" if silence.lifted_note else ""
        )
    return "" if silence.is_active(now) else "ran out"
