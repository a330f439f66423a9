"""Statements and digests that send themselves: once a month or week to each receiver, tried again while one does not
answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import cast
from zoneinfo import ZoneInfo

import structlog

from finops.alert.attempts import Attempts
from finops.app.exporters import statement_exporter
from finops.app.reporting import Statements
from finops.app.reporting.saving import summary
from finops.errors import FinopsError
from finops.model.cost_links import costs_billed
from finops.model.message import DeliveryOutcome
from finops.model.statement import Statement
from finops.model.statement_order import StatementDelivery, StatementOrder
from finops.model.team_digest import TeamDigest
from finops.model.wording import amount_text
from finops.ports.clock import Clock
from finops.ports.documents import DigestReceiver, DocumentReceiver, NamedDocument, StatementLog
from finops.ports.receiver import Receiver

log = structlog.get_logger("finops.statements")


@dataclass(frozen=True, slots=True)
class Digested:
    """A digest for the owners of a team; ``site``: the service's own address."""

    digest: TeamDigest
    owners: Sequence[str]
    site: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A message with its files: made once for all receivers of an order. ``delayed``: why it must not be sent yet.
    ``digest``: what is sent instead of lines and files."""

    subject: str
    lines: Sequence[str]
    documents: tuple[NamedDocument, ...]
    delayed: str = ""
    digest: Digested | None = None


class StatementSender:
    """Only the leader sends. A crash between a receiver's answer and our note of it sends the same again, under the
    same key: mailboxes drop the repeat."""

    def __init__(
        self,
        order: StatementOrder,
        make: Callable[[date], Ready],
        deliveries: StatementLog,
        receivers: Mapping[str, Receiver],
        *,
        timezone: ZoneInfo,
        clock: Clock,
        random: Random,
    ) -> None:
        self.order = order
        self._make = make
        self._deliveries = deliveries
        self._timezone = timezone
        self._clock = clock
        self._receivers = receivers
        self._attempts = Attempts(clock, random)

    def send_due(self, check: Callable[[], None] = lambda: None) -> list[tuple[StatementDelivery, DeliveryOutcome]]:
        """One round. ``check``: raises once nobody waits for it any more; then nothing is sent."""
        try:
            return list(self._round(check))
        except FinopsError as error:
            check()
            log.error("statement delayed", statement=self.order.name, error=str(error))
            return []

    def _round(self, check: Callable[[], None]) -> Iterator[tuple[StatementDelivery, DeliveryOutcome]]:
        order = self.order
        now = self._clock.now()
        month = order.due(now.astimezone(self._timezone).date())
        if month is None:
            return
        due = self._deliveries.due(order.name, month, order.to, now=now)
        if not due:
            return
        ready = self._make(month)
        if ready.delayed:
            log.error("statement delayed", statement=order.name, error=ready.delayed)
            return
        for delivery in due:
            check()
            yield delivery, self._deliver(delivery, ready)

    def _deliver(self, delivery: StatementDelivery, ready: Ready) -> DeliveryOutcome:
        receiver = self._receivers[delivery.receiver]
        ended = self._attempts.make(
            lambda: _hand_over(ready, receiver, delivery.idempotency_key),
            number=delivery.attempts + 1,
            written_at=delivery.created_at,
        )
        now = self._clock.now()
        self._deliveries.ended(delivery, ended.outcome, at=now, answer=ended.text, again_at=ended.again_at)
        facts = {"statement": delivery.order, "of": delivery.month.isoformat(), "receiver": delivery.receiver}
        if ended.outcome is DeliveryOutcome.DELIVERED:
            log.info("delivered", **facts, answer=ended.text)
        else:
            log.warning(ended.outcome.value, **facts, error=ended.text)
        return ended.outcome


def _hand_over(ready: Ready, receiver: Receiver, key: str) -> str:
    """The check of finops.yaml has told that the receiver can."""
    if ready.digest is not None:
        one = ready.digest
        return cast("DigestReceiver", receiver).send_digest(one.digest, one.owners, site=one.site, idempotency_key=key)
    files = cast("DocumentReceiver", receiver)
    return files.send_documents(ready.subject, ready.lines, ready.documents, idempotency_key=key)


def ready_statement(statements: Statements, order: StatementOrder, month: date) -> Ready:
    """The statement of ``month`` in the order's formats. Raises what ``Statements.make`` raises."""
    statement = statements.make(month, by=order.by)
    documents = []
    for form in order.formats:
        file = statement_exporter(form).render(statement)
        documents.append(NamedDocument(f"statement-{month:%Y-%m}.{form}", file.content_type, file.body))
    return Ready(subject(statement), text(statement), tuple(documents), "; ".join(statement.faults))


def subject(statement: Statement) -> str:
    """``Statement October 2026: 65,467.83 EUR``; with what must be known before it is opened."""
    provisional = " (provisional)" if statement.provisional else ""
    return f"Statement {statement.month:%B %Y}{provisional}: {amount_text(statement.effective, statement.currency)}"


def text(statement: Statement) -> Sequence[str]:
    """What a mail says beside the files."""
    address = costs_billed(statement)
    over = [
        budget.finding.policy
        for budget in statement.budgets
        if (remaining := budget.finding.amount.get("remaining")) is not None and remaining.amount < 0
    ]
    return [
        f"Statement for {statement.month:%B %Y}, made {statement.made_at:%Y-%m-%d %H:%M} UTC.",
        "",
        *summary(statement),
        f"budgets that are over: {', '.join(over) or 'none'}",
        *([f"the charges behind it: {statement.site}{address}"] if statement.site and address else []),
        "",
        "The attached files break it down by owner, compare it with earlier months and reconcile it with the invoices.",
    ]
