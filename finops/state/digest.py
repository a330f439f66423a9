"""Everything that waited for a receiver through an outage -> one message."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from finops.model.folding import folded
from finops.model.message import Message
from finops.state.message_rows import FOLDED, PENDING, notices_of, write_message
from finops.state.tables import messages, notices

_NAMESPACE = uuid.UUID("0d9c8f5a-3a1e-4b57-8d5c-2f4e6a7b8c9d")


def fold(
    connection: sa.Connection, oldest: sa.Row[Any], *, now: datetime, most_notices: int | None
) -> sa.Row[Any] | None:
    """The new message's row; None where nothing else waits that could be told together with ``oldest``.

    The caller holds the lock of the outbox: nobody claims meanwhile. Nothing is folded while a message is in somebody's
    hands, or was when a process died: the receiver may have it, so it is sent again under its own key, and first.
    """
    waiting = sa.select(messages).where(messages.c.receiver == oldest.receiver, messages.c.state == PENDING)
    rows = list(connection.execute(waiting.order_by(messages.c.position)))
    if any(row.token is not None for row in rows):
        return None
    own = notices_of(connection, [row.id for row in rows])
    taken = _that_fit(
        [row for row in rows if own[row.id]], {key: len(found) for key, found in own.items()}, most_notices
    )
    if len(taken) < 2 or all(row.id != oldest.id for row in taken):
        return None
    newest = folded(outgoing for row in taken for outgoing in own[row.id])
    key = uuid.uuid5(_NAMESPACE, "\x1f".join(row.id for row in taken))
    message = Message(str(key), oldest.receiver, newest[0].notice.reason, newest)
    connection.execute(
        notices.delete().where(
            *(notices.c[name] == sa.bindparam(f"own_{name}") for name in ("alert_id", "change", "receiver"))
        ),
        [
            {"own_alert_id": one.notice.alert_id, "own_change": one.change, "own_receiver": oldest.receiver}
            for one in newest
        ],
    )
    ended = {"state": FOLDED, "ended_at": now, "answer": f"sent in message {key}", "leased_until": None, "token": None}
    connection.execute(messages.update().where(messages.c.id.in_([row.id for row in taken])).values(ended))
    # the time to give up counts from the newest word: an outage that is long enough to lose the first must not lose all
    last = taken[-1]
    attempts = max(row.attempts for row in taken)
    write_message(connection, message, last.evaluation_id, created_at=last.created_at, due_at=now, attempts=attempts)
    return connection.execute(sa.select(messages).where(messages.c.id == message.id)).one()


def _that_fit(rows: Sequence[sa.Row[Any]], counts: dict[str, int], most_notices: int | None) -> list[sa.Row[Any]]:
    """The oldest messages that hold so many notices together."""
    if most_notices is None:
        return list(rows)
    taken, total = [], 0
    for row in rows:
        total += counts[row.id]
        if total > most_notices:
            break
        taken.append(row)
    return taken
