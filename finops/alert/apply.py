"""One evaluation -> changes of alerts and messages about them, in one transaction and at most once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.alert.absence import UNSEEN, why_gone
from finops.alert.decide import Gone, decide, decide_gone, decide_over, decide_unknown
from finops.alert.decision import Decision
from finops.alert.messages import Addressed, to_messages
from finops.model.alert import AlertChange, AlertRecord, AlertStatus, alert_id
from finops.model.evaluation import Evaluation
from finops.model.finding import Finding
from finops.model.message import OutgoingNotice
from finops.model.notice import Notice
from finops.model.route import Route
from finops.model.silence import Silence, silence_of
from finops.ports.state import AlertBook, AlertStep, AlertStore, Applied

Link = Callable[[Finding], str]
"""The address of the page about a finding's policy and group."""


@dataclass(frozen=True, slots=True)
class Application:
    """What an evaluation did to the alerts."""

    outcome: Applied
    changes: tuple[AlertChange, ...] = ()
    messages: int = 0


def apply(
    evaluation: Evaluation,
    store: AlertStore,
    *,
    routes: Sequence[Route],
    policies: Collection[str],
    link: Link,
    now: datetime,
) -> Application:
    """Brings every alert to what the evaluation says.

    Applying the same evaluation again changes nothing (``already``), nor does one older than the last (``stale``).
    ``policies``: the name of every policy that is loaded, with or without findings.
    """
    written: list[AlertStep] = []

    def step(book: AlertBook) -> AlertStep:
        written.clear()
        written.append(transition(evaluation, book, routes=routes, policies=policies, link=link, now=now))
        return written[0]

    outcome = store.apply(evaluation, now, step)
    if outcome is not Applied.DONE:
        return Application(outcome)
    return Application(outcome, written[0].changes, len(written[0].messages))


def transition(
    evaluation: Evaluation,
    book: AlertBook,
    *,
    routes: Sequence[Route],
    policies: Collection[str],
    link: Link,
    now: datetime,
) -> AlertStep:
    """What changes, given every alert that is known. Pure."""
    decisions: dict[str, Decision] = {}
    verdicts: dict[str, list[Finding]] = {}
    for finding in evaluation.findings:
        key = alert_id(finding.policy, finding.group)
        before = book.alerts.get(key)
        silence = silence_of(book.silences, finding, before.severity if before else None)
        decisions[key] = decide(before, finding, routes=routes, now=now, silence=silence)
        verdicts.setdefault(finding.policy, []).append(finding)
    for key, unseen in book.alerts.items():
        if key in decisions or not (unseen.is_live or unseen.untold):
            continue
        silence = silence_of(book.silences, unseen.finding, unseen.severity)
        decisions[key] = _unseen(
            unseen, why_gone(unseen, verdicts.get(unseen.policy, ()), policies), silence, routes, now
        )
    records, changes, addressed = [], [], []
    for key, decision in sorted(decisions.items()):
        before = book.alerts.get(key)
        record = decision.record
        if record is None or record == before:
            continue
        records.append(record)
        if decision.is_change:
            changes.append(_change(before, record, decision, evaluation.id, now))
            addressed.extend(_notices(record, decision, link, now))
    return AlertStep(tuple(records), tuple(changes), to_messages(evaluation.id, addressed))


def _unseen(
    record: AlertRecord, why: Gone | None, silence: Silence | None, routes: Sequence[Route], now: datetime
) -> Decision:
    """The alert when the evaluation has no verdict on it."""
    if not record.is_live:
        return decide_over(record, silence=silence)
    if why is None:
        return decide_unknown(record, record.unknown or UNSEEN, routes=routes, now=now, silence=silence)
    return decide_gone(record, why, now=now, silence=silence)


def _change(
    before: AlertRecord | None, record: AlertRecord, decision: Decision, evaluation_id: str, now: datetime
) -> AlertChange:
    return AlertChange(
        alert_id=record.id,
        change=record.change,
        at=now,
        actor="evaluation",
        reason=decision.reason,
        before=before.status if before else AlertStatus.INACTIVE,
        after=record.status,
        severity=record.severity,
        evaluation_id=evaluation_id,
        finding_id=record.finding.id,
        told=tuple(sorted(decision.notices)),
        note=decision.note,
    )


def _notices(record: AlertRecord, decision: Decision, link: Link, now: datetime) -> list[Addressed]:
    address = link(record.finding)
    return [
        Addressed(
            receiver,
            OutgoingNotice(
                record.change,
                Notice(record.id, reason, record.finding, record.since, now, address, decision.note),
            ),
        )
        for receiver, reason in decision.notices.items()
    ]
