"""Messages that wait for their receivers, and what became of them.

A message is ``pending`` until a receiver took it (``delivered``), nobody will try again (``parked``), or another one
tells it too (``folded``). A pending message that is leased is in one deliverer's hands.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from finops.model.message import Claim, DeliveryCounts, DeliveryOutcome, ParkedMessage
from finops.state.database import Database
from finops.state.deliveries import count_attempt
from finops.state.digest import fold
from finops.state.message_rows import PENDING, notices_of
from finops.state.tables import delivery_counts, messages, notices

LONGEST_LEASE = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=12)


class MessageStore:
    """``finops.ports.state.Outbox`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due_receivers(self, now: datetime) -> Sequence[str]:
        due = sa.select(messages.c.receiver).where(_is_due(now)).distinct().order_by(messages.c.receiver)
        with self._database.read() as connection:
            return list(connection.scalars(due))

    def claim(
        self,
        receiver: str,
        *,
        now: datetime,
        lease_until: datetime,
        fold_before: datetime | None = None,
        most_notices: int | None = None,
    ) -> Claim | None:
        oldest = (
            sa.select(messages)
            .where(_is_due(now), messages.c.receiver == receiver, ~_waits_for_an_earlier_one())
            .order_by(messages.c.due_at, messages.c.position)
            .limit(1)
        )
        token = uuid.uuid4().hex
        # one at a time for a receiver: what one process folds, another must not take
        with self._database.write(serial=f"outbox:{receiver}", leading=True) as connection:
            row = connection.execute(oldest).one_or_none()
            if row is None:
                return None
            failed_before = row.attempts > 0 and row.answer is not None
            if failed_before and fold_before is not None and row.created_at < fold_before:
                row = fold(connection, row, now=now, most_notices=most_notices) or row
            connection.execute(
                messages.update()
                .where(messages.c.position == row.position)
                .values(leased_until=lease_until, token=token, attempts=row.attempts + 1)
            )
            own = notices_of(connection, [row.id])[row.id]
        told = tuple(outgoing.notice for outgoing in own)
        return Claim(row.id, row.receiver, told, row.attempts + 1, row.created_at, token)

    def delivered(self, claim: Claim, *, at: datetime, answer: str) -> None:
        # whoever holds the lease now: the receiver has it
        ended = {"state": DeliveryOutcome.DELIVERED.value, "ended_at": at, "answer": answer}
        self._end(claim, DeliveryOutcome.DELIVERED, ended, whoever_holds_it=True)

    def failed(self, claim: Claim, *, error: str, again_at: datetime) -> None:
        self._end(claim, DeliveryOutcome.FAILED, {"due_at": again_at, "answer": error})

    def parked(self, claim: Claim, *, at: datetime, error: str) -> None:
        self._end(
            claim, DeliveryOutcome.PARKED, {"state": DeliveryOutcome.PARKED.value, "ended_at": at, "answer": error}
        )

    def pending_counts(self) -> Mapping[str, int]:
        counted = (
            sa.select(messages.c.receiver, sa.func.count().label("pending"))
            .where(messages.c.state == PENDING)
            .group_by(messages.c.receiver)
            .order_by(messages.c.receiver)
        )
        with self._database.read() as connection:
            return {row.receiver: row.pending for row in connection.execute(counted)}

    def delivery_counts(self) -> DeliveryCounts:
        ordered = sa.select(delivery_counts).order_by(delivery_counts.c.receiver, delivery_counts.c.outcome)
        with self._database.read() as connection:
            return {
                (row.receiver, DeliveryOutcome(row.outcome)): row._mapping["count"]  # noqa: SLF001 - SQLAlchemy's public name; a row has a method count
                for row in connection.execute(ordered)
            }

    def parked_messages(self) -> Sequence[ParkedMessage]:
        parked = (
            sa.select(messages)
            .where(messages.c.state == DeliveryOutcome.PARKED.value)
            .order_by(messages.c.ended_at.desc(), messages.c.position.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(parked).all()
            own = notices_of(connection, [row.id for row in rows])
        return [
            ParkedMessage(
                message_id=row.id,
                receiver=row.receiver,
                notices=tuple(outgoing.notice for outgoing in own[row.id]),
                attempts=row.attempts,
                created_at=row.created_at,
                parked_at=row.ended_at,
                error=row.answer,
            )
            for row in rows
        ]

    def _end(
        self, claim: Claim, outcome: DeliveryOutcome, values: Mapping[str, object], *, whoever_holds_it: bool = False
    ) -> None:
        """Ends an attempt and counts it, unless another deliverer's lease has taken the message over meanwhile."""
        own = (messages.c.id == claim.message_id) & (messages.c.state == PENDING)
        if not whoever_holds_it:
            own &= messages.c.token == claim.token
        ended = messages.update().where(own).values(leased_until=None, token=None, **values).returning(messages.c.id)
        with self._database.write() as connection:
            if connection.execute(ended).first() is None:
                return
            count_attempt(connection, claim.receiver, outcome)


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """A lease or a wait longer than any that is ever given is of a clock that has been set back since."""
    until, due_at = messages.c.leased_until, messages.c.due_at
    free = until.is_(None) | (until <= now) | (until > now + LONGEST_LEASE)
    due = (due_at <= now) | (messages.c.created_at > now) | (due_at > now + LONGEST_WAIT)
    return sa.and_(messages.c.state == PENDING, due, free)


def _waits_for_an_earlier_one() -> sa.Exists:
    """An earlier change of one of the message's alerts has not reached the same receiver yet."""
    mine, theirs, earlier = notices.alias("mine"), notices.alias("theirs"), messages.alias("earlier")
    return (
        sa.select(sa.literal(1))
        .select_from(mine)
        .join(
            theirs,
            (theirs.c.alert_id == mine.c.alert_id)
            & (theirs.c.receiver == mine.c.receiver)
            & (theirs.c.change < mine.c.change),
        )
        .join(earlier, earlier.c.id == theirs.c.message_id)
        .where(mine.c.message_id == messages.c.id, earlier.c.state == PENDING)
        .correlate(messages)
        .exists()
    )
