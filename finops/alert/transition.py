"""What one evaluation changes: alerts, their history, and who hears of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from finops.alert.absence import UNSEEN, why_gone
from finops.alert.decide import Gone, decide, decide_gone, decide_over, decide_unknown
from finops.alert.decision import Decision
from finops.alert.expiry import ending, exceptions_end, silence_ends
from finops.alert.incidents import incidents_after
from finops.alert.messages import Addressed, to_messages
from finops.model.alert import AlertChange, AlertRecord, AlertState, AlertStatus, alert_id
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding
from finops.model.message import OutgoingNotice
from finops.model.notice import Notice
from finops.model.route import Route, place_of_route
from finops.model.silence import Silence, silence_of
from finops.ports.state import AlertBook, AlertStep

Link = Callable[[Finding], str]
"""The address of a page about a finding: of its alert, or of the costs behind it."""


def no_costs(_: Finding) -> str:
    return ""


def transition(
    evaluation: Evaluation,
    book: AlertBook,
    *,
    routes: Sequence[Route],
    policies: Collection[str],
    link: Link,
    now: datetime,
    limits: Mapping[str, int] | None = None,
    own: Sequence[Finding] = (),
    costs: Link = no_costs,
) -> AlertStep:
    """What changes, given every alert and silence that is known. For the arguments see ``apply``."""
    page = _Page(evaluation, book, routes, link, now, costs)
    for decision in _decisions((*evaluation.findings, *own), book, routes, policies, now):
        page.write(decision)
    over = {silence.id: silence for silence in ending(book.silences, now)}
    for record in sorted(page.alerts.values(), key=lambda record: record.id) if over else ():
        if record.state is AlertState.FIRING and record.silence in over:
            page.write(silence_ends(record, over[record.silence], routes))
    for decision in exceptions_end(evaluation, page.alerts, routes, now):
        page.write(decision)
    tracks = {(track.policy, track.group): track for track in evaluation.tracks}
    return AlertStep(
        tuple(page.records[key] for key in sorted(page.records)),
        tuple(page.changes),
        to_messages(evaluation.id, page.addressed, limits=limits, tracks=tracks),
        tuple(replace(silence, warned_at=now) for silence in over.values()),
        incidents=incidents_after(evaluation, book.incidents, policies=policies, now=now),
    )


class _Page:
    """What is written of one evaluation. ``alerts``: every alert as it is by then; ``records``: those that changed."""

    def __init__(
        self,
        evaluation: Evaluation,
        book: AlertBook,
        routes: Sequence[Route],
        link: Link,
        now: datetime,
        costs: Link,
    ) -> None:
        self._evaluation_id, self._routes, self._link, self._now = evaluation.id, routes, link, now
        self._costs = costs
        self.alerts = dict(book.alerts)
        self.records: dict[str, AlertRecord] = {}
        self.changes: list[AlertChange] = []
        self.addressed: list[Addressed] = []

    def write(self, decision: Decision) -> None:
        record = decision.record
        if record is None:
            return
        before = self.alerts.get(record.id)
        if record == before:
            return
        self.alerts[record.id] = self.records[record.id] = record
        if decision.is_change:
            self.changes.append(self._change(before, record, decision))
            self.addressed.extend(self._notices(record, decision))

    def _change(self, before: AlertRecord | None, record: AlertRecord, decision: Decision) -> AlertChange:
        return AlertChange(
            alert_id=record.id,
            change=record.change,
            at=self._now,
            actor="evaluation",
            reason=decision.reason,
            before=before.status if before else AlertStatus.INACTIVE,
            after=record.status,
            severity=record.severity,
            evaluation_id=self._evaluation_id,
            finding_id=record.finding.id,
            told=tuple(sorted(decision.notices)),
            note=decision.note,
        )

    def _notices(self, record: AlertRecord, decision: Decision) -> Iterator[Addressed]:
        finding, address, costs = record.finding, self._link(record.finding), self._costs(record.finding)
        for receiver, reason in decision.notices.items():
            notice = Notice(record.id, reason, finding, record.since, self._now, address, decision.note, costs=costs)
            place = place_of_route(receiver, finding, self._routes, record.severity)
            yield Addressed(receiver, place, OutgoingNotice(record.change, notice))


def _decisions(
    findings: Sequence[Finding],
    book: AlertBook,
    routes: Sequence[Route],
    policies: Collection[str],
    now: datetime,
) -> list[Decision]:
    """One for each alert that has a verdict, lives, or has an end that is still to be told; by id."""
    decisions: dict[str, Decision] = {}
    verdicts: dict[str, list[Finding]] = {}
    for finding in findings:
        key = alert_id(finding.policy, finding.group)
        before = book.alerts.get(key)
        silence = silence_of(book.silences, finding, before.severity if before else None)
        decisions[key] = decide(before, finding, routes=routes, now=now, silence=silence)
        verdicts.setdefault(finding.policy, []).append(finding)
    for key, unseen in book.alerts.items():
        if key in decisions or not (unseen.is_live or unseen.untold):
            continue
        silence = silence_of(book.silences, unseen.finding, unseen.severity)
        why = why_gone(unseen, verdicts.get(unseen.policy, ()), policies)
        decisions[key] = _unseen(unseen, why, silence, routes, now)
    return [decisions[key] for key in sorted(decisions)]


def _unseen(
    record: AlertRecord, why: Gone | None, silence: Silence | None, routes: Sequence[Route], now: datetime
) -> Decision:
    """The alert when the evaluation has no verdict on it."""
    if not record.is_live:
        return decide_over(record, silence=silence)
    if why is None:
        return decide_unknown(record, record.unknown or UNSEEN, routes=routes, now=now, silence=silence)
    return decide_gone(record, why, now=now, silence=silence)
