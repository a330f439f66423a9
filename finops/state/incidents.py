"""Incidents of anomalies as rows; the alerts' transactions write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from finops.model.incident import (
    NO_INCIDENTS,
    AcceptedLevel,
    Incident,
    IncidentDay,
    IncidentEnd,
    IncidentKey,
    KnownIncidents,
    incident_key,
)
from finops.ports.incidents import IncidentFilter, IncidentPage
from finops.state.database import Database
from finops.state.tables import incidents

_LATELY = timedelta(days=120)
"""An evaluation sees what began within 56 settled days; bills may be some weeks late."""
_OPEN = ""


class StoredIncidents:
    """``finops.ports.incidents.IncidentHistory`` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: IncidentFilter, *, limit: int, offset: int = 0) -> IncidentPage:
        passes = _passing(wanted)
        order = sa.case((incidents.c.end == _OPEN, 0), else_=1), incidents.c.since.desc(), incidents.c.id
        with self._database.read() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(incidents).where(*passes)) or 0
            chosen = sa.select(incidents).where(*passes).order_by(*order).limit(limit).offset(offset)
            return IncidentPage([_from_row(row) for row in connection.execute(chosen)], total)

    def known(self) -> Mapping[IncidentKey, KnownIncidents]:
        table = incidents.c
        # not the days: this is asked every few seconds
        asked = table.policy, table.group, table.since, table.end, table.ended_at, table.actor, table.reason
        ends = (_OPEN, IncidentEnd.ACCEPTED.value)
        chosen = sa.select(*asked).where(table.end.in_(ends)).order_by(table.since, table.id)
        found: dict[IncidentKey, KnownIncidents] = {}
        with self._database.read() as connection:
            for row in connection.execute(chosen):
                key, since = incident_key(row.policy, row.group), date.fromisoformat(row.since)
                known = found.get(key, NO_INCIDENTS)
                if not row.end:
                    found[key] = replace(known, open=(*known.open, since))
                elif row.actor:
                    level = AcceptedLevel(since, row.reason, row.actor, row.ended_at.date())
                    found[key] = replace(known, accepted=(*known.accepted, level))
        return found

    def policies(self) -> Sequence[str]:
        with self._database.read() as connection:
            return sorted(connection.scalars(sa.select(incidents.c.policy).distinct()))


def known_at(connection: sa.Connection, at: datetime) -> list[Incident]:
    """Those that are open or began lately, by first day."""
    lately = incidents.c.since >= (at - _LATELY).date().isoformat()
    chosen = sa.select(incidents).where((incidents.c.end == _OPEN) | lately).order_by(incidents.c.since, incidents.c.id)
    return [_from_row(row) for row in connection.execute(chosen)]


def _passing(wanted: IncidentFilter) -> list[sa.ColumnElement[bool]]:
    passes: list[sa.ColumnElement[bool]] = []
    if wanted.policy:
        passes.append(incidents.c.policy == wanted.policy)
    if wanted.alert_id:
        passes.append(incidents.c.alert_id == wanted.alert_id)
    if wanted.group:
        passes.append(sa.func.lower(incidents.c.group_label).contains(wanted.group.lower(), autoescape=True))
    if wanted.open is not None:
        passes.append((incidents.c.end == _OPEN) if wanted.open else (incidents.c.end != _OPEN))
    return passes


def incident_to_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "policy": incident.policy,
        "kind": incident.kind,
        "policy_digest": incident.policy_digest,
        "group": dict(incident.group),
        "group_label": incident.group_label,
        "owner": incident.owner,
        "alert_id": incident.alert_id,
        "since": incident.since.isoformat(),
        "until": incident.until.isoformat() if incident.until else None,
        "currency": incident.currency,
        "days": {day.isoformat(): [str(of.cost), str(of.expected)] for day, of in incident.days.items()},
        "seen_at": incident.seen_at,
        "ended_at": incident.ended_at,
        "end": incident.end.value if incident.end else _OPEN,
        "actor": incident.actor,
        "reason": incident.reason,
    }


def _from_row(row: sa.Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        policy=row.policy,
        kind=row.kind,
        policy_digest=row.policy_digest,
        group=row.group,
        owner=row.owner,
        alert_id=row.alert_id,
        since=date.fromisoformat(row.since),
        until=date.fromisoformat(row.until) if row.until else None,
        currency=row.currency,
        days=_days(row.days),
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        end=IncidentEnd(row.end) if row.end else None,
        actor=row.actor,
        reason=row.reason,
    )


def _days(stored: Mapping[str, Sequence[str]]) -> dict[date, IncidentDay]:
    return {date.fromisoformat(day): IncidentDay(*map(Decimal, of)) for day, of in sorted(stored.items())}
