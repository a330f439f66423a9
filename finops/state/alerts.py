"""Alerts, their history, silences and the messages about them, changed together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from finops.errors import UnknownAlert, UnknownSilence
from finops.model.alert import AlertChange, AlertRecord, AlertState, AlertStatus
from finops.model.evaluation import Evaluation
from finops.model.finding import Severity
from finops.model.silence import Silence
from finops.ports.state import AlertBook, AlertCount, AlertFilter, AlertPage, AlertStep, Applied
from finops.state.alert_rows import (
    change_from_row,
    change_to_row,
    record_from_row,
    record_to_row,
    silence_from_row,
    silence_to_row,
)
from finops.state.audit import write_entries
from finops.state.database import Database
from finops.state.incidents import incident_to_row, known_at
from finops.state.message_rows import write_message
from finops.state.sql import identify, in_order, put
from finops.state.tables import alert_changes, alerts, applied_evaluations, incidents, silences

_KNOWN = (AlertStatus.ACKNOWLEDGED.value, AlertStatus.SILENCED.value)
_LIVE = (AlertState.FIRING.value, AlertState.PENDING.value)
_WAITING = (AlertStatus.FIRING.value, AlertStatus.ESCALATED.value)
_URGENCY = (
    sa.case((alerts.c.status.in_(_WAITING), 0), (alerts.c.state.in_(_LIVE), 1), else_=2),
    sa.case({one.value: -one.rank for one in Severity}, value=alerts.c.severity),
    alerts.c.since.desc(),
)


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

    def alerts(self, *, live: bool = False, policy: str = "") -> Sequence[AlertRecord]:
        return self._records(sa.select(alerts).where(*_passing(AlertFilter(live=live, policy=policy))))

    def page(self, wanted: AlertFilter, *, limit: int, offset: int = 0, urgent_first: bool = False) -> AlertPage:
        passes = _passing(wanted)
        with self._database.read() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(alerts).where(*passes)) or 0
            by_name = [in_order(connection, column) for column in (alerts.c.policy, alerts.c.group_label, alerts.c.id)]
            order = [*_URGENCY, *by_name] if urgent_first else by_name
            # sorted without the records, which are far longer than the rest
            ids = sa.select(alerts.c.id).where(*passes).order_by(*order).limit(limit).offset(offset)
            found = connection.execute(sa.select(alerts).where(alerts.c.id.in_(ids)).order_by(*order))
            return AlertPage([record_from_row(row) for row in found], total)

    def counts(self, *, live: bool) -> Sequence[AlertCount]:
        columns = alerts.c.status, alerts.c.severity, alerts.c.owner
        counted = sa.select(*columns, sa.func.count().label("times")).group_by(*columns)
        with self._database.read() as connection:
            return [
                AlertCount(AlertStatus(row.status), Severity(row.severity), row.owner, row.times)
                for row in connection.execute(counted.where(*_passing(AlertFilter(live=live))))
            ]

    def live_policies(self) -> Collection[str]:
        with self._database.read() as connection:
            return set(connection.scalars(sa.select(alerts.c.policy).where(alerts.c.state.in_(_LIVE)).distinct()))

    def known(self) -> Sequence[AlertRecord]:
        return self._records(sa.select(alerts).where(alerts.c.status.in_(_KNOWN)))

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

    def histories(self, alert_ids: Collection[str]) -> Mapping[str, Sequence[AlertChange]]:
        of = alert_changes.c.alert_id
        chosen = sa.select(alert_changes).where(of.in_(alert_ids)).order_by(of, alert_changes.c.change)
        found: dict[str, list[AlertChange]] = {}
        with self._database.read() as connection:
            for row in connection.execute(chosen):
                found.setdefault(row.alert_id, []).append(change_from_row(row))
        return found

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


def _passing(wanted: AlertFilter) -> list[sa.ColumnElement[bool]]:
    told = ("status", "severity", "policy", "owner")
    own = [alerts.c[name] == value for name in told if (value := getattr(wanted, name))]
    return [alerts.c.state.in_(_LIVE), *own] if wanted.live else own


def _book(connection: sa.Connection, at: datetime) -> AlertBook:
    alerts_by_id = {record.id: record for record in _all(connection)}
    return AlertBook(alerts_by_id, tuple(_silences(connection, at)), tuple(known_at(connection, at)))


def _all(connection: sa.Connection) -> list[AlertRecord]:
    return [record_from_row(row) for row in connection.execute(sa.select(alerts))]


def _silences(connection: sa.Connection, active_at: datetime | None) -> list[Silence]:
    wanted = sa.select(silences).order_by(silences.c.until, silences.c.id)
    if active_at is not None:
        wanted = wanted.where(silences.c.until > active_at, silences.c.lifted_at.is_(None))
    return [silence_from_row(row) for row in connection.execute(wanted)]


def _write(connection: sa.Connection, step: AlertStep, evaluation_id: str, at: datetime) -> None:
    put(connection, alerts, [record_to_row(record) for record in step.records])
    put(connection, incidents, [incident_to_row(incident) for incident in step.incidents])
    put(connection, silences, [silence_to_row(silence) for silence in step.silences])
    if step.changes:
        connection.execute(alert_changes.insert(), [change_to_row(change) for change in step.changes])
    write_entries(connection, step.audit)
    for message in step.messages:
        write_message(connection, message, evaluation_id, created_at=at, due_at=at)
