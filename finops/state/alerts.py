"""Alerts, their history, silences and the messages about them, changed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from finops.errors import UnknownAlert, UnknownSilence
from finops.model.alert import AlertChange, AlertRecord, AlertState, AlertStatus
from finops.model.evaluation import Evaluation
from finops.model.silence import Silence
from finops.ports.state import AlertBook, AlertStep, Applied
from finops.state.alert_rows import (
    change_from_row,
    change_to_row,
    record_from_row,
    record_to_row,
    silence_from_row,
    silence_to_row,
)
from finops.state.audit import entry_to_row
from finops.state.database import Database
from finops.state.message_rows import write_message
from finops.state.sql import identify, put
from finops.state.tables import alert_changes, alerts, applied_evaluations, audit, silences

_KNOWN = {AlertStatus.ACKNOWLEDGED, AlertStatus.SILENCED}
_LIVE = (AlertState.FIRING.value, AlertState.PENDING.value)


class Alerts:
    """``finops.ports.state.AlertStore`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def apply(self, evaluation: Evaluation, at: datetime, step: Callable[[AlertBook], AlertStep]) -> Applied:
        applied = applied_evaluations.c
        with self._database.write(serial="alerts", leading=True) as connection:
            if connection.scalar(sa.select(applied.evaluation_id).where(applied.evaluation_id == evaluation.id)):
                return Applied.ALREADY
            # one that was applied after now is of a clock that has been set back since
            newer = (applied.as_of > evaluation.as_of) & (applied.applied_at <= at)
            if connection.scalar(sa.select(applied.evaluation_id).where(newer).limit(1)):
                return Applied.STALE
            row = {"evaluation_id": evaluation.id, "as_of": evaluation.as_of, "applied_at": at}
            connection.execute(applied_evaluations.insert(), row)
            _write(connection, step(_book(connection, at)), evaluation.id, at)
        return Applied.DONE

    def respond(self, at: datetime, step: Callable[[AlertBook], AlertStep]) -> None:
        with self._database.write(serial="alerts") as connection:
            _write(connection, step(_book(connection, at)), "", at)

    def alerts(self, *, live: bool = False) -> Sequence[AlertRecord]:
        wanted = sa.select(alerts)
        return self._records(wanted.where(alerts.c.state.in_(_LIVE)) if live else wanted)

    def known(self) -> Sequence[AlertRecord]:
        record = alerts.c.record
        somebody = sa.or_(record["silence"].as_string() != "", record["acknowledged"]["at"].as_string().is_not(None))
        found = self._records(sa.select(alerts).where(alerts.c.state.in_(_LIVE), somebody))
        return [one for one in found if one.status in _KNOWN]

    def last_change(self) -> datetime | None:
        with self._database.read() as connection:
            newest: datetime | None = connection.scalar(sa.select(sa.func.max(alert_changes.c.at)))
            return newest

    def alert(self, id_or_prefix: str) -> AlertRecord:
        remedy = "'finops alerts list --all' shows every alert"
        with self._database.read() as connection:
            found = identify(connection, alerts.c.id, id_or_prefix, noun="alert", error=UnknownAlert, remedy=remedy)
            return record_from_row(connection.execute(sa.select(alerts).where(alerts.c.id == found)).one())

    def _records(self, wanted: sa.Select[Any]) -> list[AlertRecord]:
        with self._database.read() as connection:
            found = [record_from_row(row) for row in connection.execute(wanted)]
        return sorted(found, key=lambda record: (record.policy, record.finding.group_label, record.id))

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        own = sa.select(alert_changes).where(alert_changes.c.alert_id == alert_id).order_by(alert_changes.c.change)
        with self._database.read() as connection:
            return [change_from_row(row) for row in connection.execute(own)]

    def silences(self, *, active_at: datetime | None = None) -> Sequence[Silence]:
        with self._database.read() as connection:
            return _silences(connection, active_at)

    def silence(self, id_or_prefix: str) -> Silence:
        remedy = "'finops alerts silences --all' shows every silence"
        with self._database.read() as connection:
            found = identify(
                connection, silences.c.id, id_or_prefix, noun="silence", error=UnknownSilence, remedy=remedy
            )
            return silence_from_row(connection.execute(sa.select(silences).where(silences.c.id == found)).one())


def _book(connection: sa.Connection, at: datetime) -> AlertBook:
    return AlertBook({record.id: record for record in _all(connection)}, tuple(_silences(connection, at)))


def _all(connection: sa.Connection) -> list[AlertRecord]:
    return [record_from_row(row) for row in connection.execute(sa.select(alerts))]


def _silences(connection: sa.Connection, active_at: datetime | None) -> list[Silence]:
    wanted = sa.select(silences).order_by(silences.c.until, silences.c.id)
    if active_at is not None:
        wanted = wanted.where(silences.c.until > active_at, silences.c.lifted_at.is_(None))
    return [silence_from_row(row) for row in connection.execute(wanted)]


def _write(connection: sa.Connection, step: AlertStep, evaluation_id: str, at: datetime) -> None:
    put(connection, alerts, [record_to_row(record) for record in step.records])
    put(connection, silences, [silence_to_row(silence) for silence in step.silences])
    if step.changes:
        connection.execute(alert_changes.insert(), [change_to_row(change) for change in step.changes])
    if step.audit:
        connection.execute(audit.insert(), [entry_to_row(entry) for entry in step.audit])
    for message in step.messages:
        write_message(connection, message, evaluation_id, created_at=at, due_at=at)
