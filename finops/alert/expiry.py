"""What keeps alerts quiet says a day before that it ends, once, to those whom the alerts would reach. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from finops.alert.decision import Decision
from finops.model.alert import AlertRecord, AlertState, ChangeReason, alert_id
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding, Severity, State, group_label
from finops.model.notice import NoticeReason
from finops.model.route import Route, receivers_of
from finops.model.silence import Silence

BEFORE = timedelta(days=1)


def ending(silences: Sequence[Silence], now: datetime) -> tuple[Silence, ...]:
    """Silences whose end is to be told now. One made for a day or less was made by somebody who remembers."""
    return tuple(
        silence
        for silence in silences
        if silence.warned_at is None and silence.until - now <= BEFORE < silence.until - silence.at
    )


def silence_ends(record: AlertRecord, silence: Silence, routes: Sequence[Route]) -> Decision:
    """A firing alert under a silence that ends soon."""
    receivers = receivers_of(record.finding, routes, record.severity)
    note = (
        f"The silence of {silence.actor} ends at {silence.until:%Y-%m-%d %H:%M} UTC: {silence.reason}. "
        "Whatever still fires is then notified again."
    )
    return _told_of_end(record, receivers, note)


def exceptions_end(
    evaluation: Evaluation, records: Mapping[str, AlertRecord], routes: Sequence[Route], now: datetime
) -> Iterator[Decision]:
    """Groups whose exception ends soon: its last day is today or tomorrow. ``records``: as the evaluation left them."""
    findings = {(finding.policy, finding.group_label): finding for finding in evaluation.findings}
    for excepted in evaluation.excepted:
        if evaluation.as_of.date() < excepted.expires - BEFORE:
            continue
        key = alert_id(excepted.policy, excepted.group)
        finding = findings.get((excepted.policy, group_label(excepted.group)))
        record = records.get(key)
        if finding is None or (record is not None and record.warned_of == excepted.expires):
            continue
        record = record or AlertRecord(key, AlertState.INACTIVE, Severity.INFO, finding, evaluation.as_of, now)
        note = (
            f"The exception for this group expires on {excepted.expires}: {excepted.reason}. "
            "From the next day on it can fire again."
        )
        if finding.state is State.OK:
            record = replace(record, finding=finding)
        record = replace(record, warned_of=excepted.expires)
        yield _told_of_end(record, _lowest(finding, routes), note)


def _told_of_end(record: AlertRecord, receivers: Mapping[str, object], note: str) -> Decision:
    told = replace(record, change=record.change + 1)
    return Decision(told, ChangeReason.EXPIRES, dict.fromkeys(receivers, NoticeReason.EXPIRES), note)


def _lowest(finding: Finding, routes: Sequence[Route]) -> Mapping[str, object]:
    """Who hears of the lowest severity that anybody hears of: the end of an exception is no reason to wake somebody."""
    for severity in Severity:
        if found := receivers_of(finding, routes, severity):
            return found
    return {}
