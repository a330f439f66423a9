"""One round of the service's alerts in a process of its own, which dies where it is told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from finops.alert import Deliverer, apply
from finops.model.evaluation import Evaluation
from finops.model.message import Claim
from finops.model.route import Route
from finops.ports.receiver import Receiver
from finops.ports.state import AlertBook, AlertStep, Applied
from finops.state import open_state
from finops_exporters.alertmanager import Alertmanager, AlertmanagerOptions
from finops_exporters.email import Email, EmailOptions
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.support.profiles import PROFILES
from tests.support.verdicts import MovableClock, deliver_due, link

T = TypeVar("T")


class Death(StrEnum):
    """Every point between two steps of a round, in order."""

    BEFORE_APPLYING = "before the transaction"
    DECIDED = "inside the transaction, before anything is written"
    APPLY_WRITTEN = "inside the transaction, before its commit"
    APPLIED = "after the transaction"
    CLAIM_WRITTEN = "inside the claim, before its commit"
    CLAIMED = "after the claim, before the sending"
    SENT = "after the sending, before the mark"
    MARK_WRITTEN = "inside the mark, before its commit"
    MARKED = "after the mark"


@dataclass(frozen=True)
class Round:
    """What a process does: applies evaluations (the last one dies where ``death`` says), then delivers."""

    state_url: str
    base: Path
    hook_url: str
    now: datetime
    evaluations: tuple[Evaluation, ...] = ()
    death: Death | None = None
    smtp_port: int | None = None
    alertmanager_url: str | None = None


class _Fuse:
    """Kills this process at its point; ``armed_for``: the point whose commit is the next one."""

    def __init__(self, death: Death | None) -> None:
        self.death = death
        self.armed_for: Death | None = None

    def at(self, point: Death) -> None:
        if point is self.death:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, commit: Death, after: Death, call: Callable[[], T]) -> T:
        self.armed_for = commit
        result = call()
        self.armed_for = None
        self.at(after)
        return result

    def watch_commits(self) -> None:
        @event.listens_for(sa.Engine, "commit")
        def _commit(_connection: sa.Connection) -> None:
            if self.armed_for is not None:
                self.at(self.armed_for)


class _Outbox:
    """The real outbox, with the fuse between its steps."""

    def __init__(self, outbox: Any, fuse: _Fuse) -> None:
        self._outbox, self._fuse = outbox, fuse

    def claim(self, receiver: str, **times: datetime) -> Claim | None:
        def claim() -> Claim | None:
            found: Claim | None = self._outbox.claim(receiver, **times)
            return found

        return self._fuse.around(Death.CLAIM_WRITTEN, Death.CLAIMED, claim)

    def delivered(self, claim: Claim, **facts: Any) -> None:
        self._fuse.at(Death.SENT)
        self._fuse.around(Death.MARK_WRITTEN, Death.MARKED, lambda: self._outbox.delivered(claim, **facts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)


class _Alerts:
    """The real alerts, with the fuse between their steps."""

    def __init__(self, alerts: Any, fuse: _Fuse) -> None:
        self._alerts, self._fuse = alerts, fuse

    def apply(self, evaluation: Evaluation, at: datetime, step: Callable[[AlertBook], AlertStep]) -> Applied:
        def decided(book: AlertBook) -> AlertStep:
            result = step(book)
            self._fuse.at(Death.DECIDED)
            return result

        def apply_it() -> Applied:
            outcome: Applied = self._alerts.apply(evaluation, at, decided)
            return outcome

        self._fuse.at(Death.BEFORE_APPLYING)
        return self._fuse.around(Death.APPLY_WRITTEN, Death.APPLIED, apply_it)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._alerts, name)


def run(plan: Round) -> None:
    fuse, clock = _Fuse(plan.death), MovableClock(plan.now)
    state = open_state(plan.state_url, base=plan.base, clock=clock)
    fuse.watch_commits()
    policies = {finding.policy for evaluation in plan.evaluations for finding in evaluation.findings}
    for evaluation in plan.evaluations:
        apply(
            evaluation,
            _Alerts(state.alerts, fuse),
            routes=[Route({}, tuple(receivers_of(plan, clock)))],
            policies=policies,
            link=link,
            now=plan.now,
        )
    deliver(plan, _Outbox(state.outbox, fuse), clock)
    state.close()


def deliver(plan: Round, outbox: Any, clock: MovableClock) -> None:
    deliver_due(Deliverer(outbox, receivers_of(plan, clock), clock, random=Random(1)))


def receivers_of(plan: Round, clock: MovableClock) -> dict[str, Receiver]:
    hook = WebhookOptions(url=plan.hook_url, timeout_seconds=30)
    found: dict[str, Receiver] = {"hook": Webhook.from_options("hook", hook, base=plan.base, clock=clock)}
    if plan.smtp_port is not None:
        smtp = {"host": "127.0.0.1", "port": plan.smtp_port, "security": "none"}
        mail = EmailOptions.model_validate({"to": ["finance@example.com"], "smtp": smtp, "timeout_seconds": 60})
        found["mail"] = Email.from_options("mail", mail, base=plan.base, clock=clock, profiles=PROFILES)
    if plan.alertmanager_url is not None:
        prom = AlertmanagerOptions(url=plan.alertmanager_url, timeout_seconds=30)
        found["prom"] = Alertmanager.from_options("prom", prom, base=plan.base, clock=clock, profiles=PROFILES)
    return found


def deliver_when_told(plan: Round, ready: Any, go: Any) -> None:
    """Opens everything, says so, waits for the others, delivers."""
    clock = MovableClock(plan.now)
    state = open_state(plan.state_url, base=plan.base, clock=clock)
    state.outbox.due_receivers(plan.now)
    ready.release()
    go.wait(60)
    deliver(plan, state.outbox, clock)
    state.close()


__all__ = ["Death", "Round", "deliver_when_told", "run"]
