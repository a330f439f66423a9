"""Alerts, their history and the messages about them, changed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from finops.model.alert import AlertChange, AlertRecord
from finops.model.evaluation import Evaluation
from finops.model.message import Message
from finops.ports.state import AlertStep, Applied
from finops.state.alert_rows import change_from_row, change_to_row, record_from_row, record_to_row
from finops.state.database import Database
from finops.state.statements import put
from finops.state.tables import alert_changes, alerts, applied_evaluations, messages, notices


class Alerts:
    """``finops.ports.state.AlertStore`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def apply(
        self, evaluation: Evaluation, at: datetime, step: Callable[[Mapping[str, AlertRecord]], AlertStep]
    ) -> Applied:
        applied = applied_evaluations.c
        with self._database.write(serial="alerts") as connection:
            if connection.scalar(sa.select(applied.evaluation_id).where(applied.evaluation_id == evaluation.id)):
                return Applied.ALREADY
            newest = connection.scalar(sa.select(sa.func.max(applied.as_of)))
            if newest is not None and newest > evaluation.as_of:
                return Applied.STALE
            result = step({record.id: record for record in _all(connection)})
            row = {"evaluation_id": evaluation.id, "as_of": evaluation.as_of, "applied_at": at}
            connection.execute(applied_evaluations.insert(), row)
            put(connection, alerts, [record_to_row(record) for record in result.records])
            if result.changes:
                connection.execute(alert_changes.insert(), [change_to_row(change) for change in result.changes])
            for message in result.messages:
                _write(connection, message, evaluation.id, at)
        return Applied.DONE

    def alerts(self) -> Sequence[AlertRecord]:
        with self._database.read() as connection:
            return sorted(_all(connection), key=lambda record: (record.policy, record.finding.group_label, record.id))

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        own = sa.select(alert_changes).where(alert_changes.c.alert_id == alert_id).order_by(alert_changes.c.change)
        with self._database.read() as connection:
            return [change_from_row(row) for row in connection.execute(own)]


def _all(connection: sa.Connection) -> list[AlertRecord]:
    return [record_from_row(row) for row in connection.execute(sa.select(alerts))]


def _write(connection: sa.Connection, message: Message, evaluation_id: str, at: datetime) -> None:
    connection.execute(
        messages.insert(),
        {
            "id": message.id,
            "receiver": message.receiver,
            "evaluation_id": evaluation_id,
            "reason": message.reason.value,
            "state": "pending",
            "created_at": at,
            "due_at": at,
            "attempts": 0,
        },
    )
    rows = [
        {
            "alert_id": outgoing.notice.alert_id,
            "change": outgoing.change,
            "receiver": message.receiver,
            "message_id": message.id,
            "place": place,
            "notice": outgoing.notice.to_json(),
        }
        for place, outgoing in enumerate(message.notices)
    ]
    connection.execute(notices.insert(), rows)
