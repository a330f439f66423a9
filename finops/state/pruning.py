"""Forgets what is older than the audit time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from finops.model.alert import AlertState
from finops.model.collection import CollectionOutcome
from finops.model.message import DeliveryOutcome
from finops.state import documents as texts
from finops.state.database import Database
from finops.state.message_rows import FOLDED
from finops.state.runs import latest_run_ids
from finops.state.tables import (
    alert_changes,
    alerts,
    applied_evaluations,
    audit,
    collection_runs,
    documents,
    evaluations,
    findings,
    incidents,
    messages,
    notices,
    request_costs,
    silences,
    verdict_days,
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows removed."""

    collection_runs: int
    evaluations: int
    findings: int
    documents: int
    alerts: int
    messages: int


def prune(database: Database, now: datetime, *, keep: timedelta, keep_quiet: timedelta) -> Pruned:
    """Removes what ended before ``keep``; findings that no alert's history names already after ``keep_quiet``.

    What still counts stays whatever its age: the latest runs of each source, alerts that are pending or firing,
    messages that wait, the newest applied evaluation.
    """
    old, quiet = now - keep, now - min(keep, keep_quiet)
    with database.write(serial="alerts") as connection:
        gone_messages = _delete(
            connection,
            messages,
            messages.c.state.in_([DeliveryOutcome.DELIVERED.value, DeliveryOutcome.PARKED.value, FOLDED]),
            messages.c.ended_at < old,
        )
        over = (AlertState.INACTIVE.value, AlertState.RESOLVED.value, AlertState.WITHDRAWN.value)
        # an alert that fires again after it was forgotten counts its changes from 1: no notice may remember those
        told = alerts.c.id.in_(sa.select(notices.c.alert_id))
        gone_alerts = _delete(connection, alerts, alerts.c.state.in_(over), alerts.c.changed_at < old, ~told)
        # the history of an alert that lives on is kept whole: it numbers its changes
        _delete(
            connection, alert_changes, alert_changes.c.at < old, alert_changes.c.alert_id.not_in(sa.select(alerts.c.id))
        )
        newest = sa.select(sa.func.max(applied_evaluations.c.as_of)).scalar_subquery()
        _delete(
            connection,
            applied_evaluations,
            applied_evaluations.c.applied_at < old,
            applied_evaluations.c.as_of < newest,
        )
        _delete(connection, silences, silences.c.until < old)
        _delete(connection, incidents, incidents.c.ended_at < old)
        _delete(connection, audit, audit.c.at < old)
    with database.write(serial="runs") as connection:
        kept = [
            latest_run_ids([outcome.value for outcome in outcomes])
            for outcomes in (
                tuple(CollectionOutcome),
                (CollectionOutcome.OK, CollectionOutcome.UNCHANGED),
                (CollectionOutcome.OK,),
            )
        ]
        gone_runs = _delete(
            connection,
            collection_runs,
            collection_runs.c.ended_at < old,
            *(collection_runs.c.run_id.not_in(ids) for ids in kept),
        )
    with database.write(serial="request_costs") as connection:
        _delete(connection, request_costs, request_costs.c.day < old.date().isoformat())
    with database.write(serial="verdict_days") as connection:
        _delete(connection, verdict_days, verdict_days.c.day < old.date().isoformat())
    with database.write(serial="archive") as connection:
        gone_findings, gone_evaluations = _prune_archive(connection, old, quiet)
        gone_documents = _prune_documents(connection)
    return Pruned(gone_runs, gone_evaluations, gone_findings, gone_documents, gone_alerts, gone_messages)


def _prune_archive(connection: sa.Connection, old: datetime, quiet: datetime) -> tuple[int, int]:
    named = sa.select(alert_changes.c.finding_id)
    saved_before = sa.select(evaluations.c.id)
    gone = _delete(
        connection,
        findings,
        findings.c.evaluation_id.in_(saved_before.where(evaluations.c.saved_at < quiet)),
        findings.c.id.not_in(named),
    )
    gone += _delete(
        connection, findings, findings.c.evaluation_id.in_(saved_before.where(evaluations.c.saved_at < old))
    )
    empty = evaluations.c.id.not_in(sa.select(findings.c.evaluation_id))
    return gone, _delete(connection, evaluations, evaluations.c.saved_at < quiet, empty)


def _prune_documents(connection: sa.Connection) -> int:
    listings = set(connection.scalars(sa.select(evaluations.c.documents_digest).distinct()))
    values = set(connection.scalars(sa.select(evaluations.c.values_digest).distinct()))
    named = {digest for listing in texts.load(connection, listings).values() for digest in json.loads(listing).values()}
    stored = set(connection.scalars(sa.select(documents.c.digest)))
    gone = sorted(stored - listings - values - named)
    if gone:
        by_digest = documents.delete().where(documents.c.digest == sa.bindparam("gone"))
        connection.execute(by_digest, [{"gone": digest} for digest in gone])
    return len(gone)


def _delete(connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[Any]) -> int:
    return connection.execute(table.delete().where(*conditions)).rowcount
