"""Incidents with what was done about them: the same for pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from finops.model.alert import AlertChange, ChangeReason
from finops.model.incident import Incident
from finops.ports.incidents import IncidentFilter, IncidentRecord
from finops.state import State

_BY_PEOPLE = frozenset(
    {
        ChangeReason.ACKNOWLEDGED,
        ChangeReason.SILENCED,
        ChangeReason.SILENCE_LIFTED,
        ChangeReason.LEVEL_ACCEPTED,
    }
)
_LATEST = datetime.max.replace(tzinfo=UTC)


def incident_records(
    state: State, wanted: IncidentFilter, *, limit: int, offset: int = 0
) -> tuple[Sequence[IncidentRecord], int]:
    """One page of them, open ones first, each the newest first; and how many pass the filter. Raises ``Unreachable``,
    ``AccessDenied`` or ``BrokenStore``."""
    page = state.incidents.page(wanted, limit=limit, offset=offset)
    return _records(state, page.incidents), page.total


def incident_record(state: State, incident: Incident) -> IncidentRecord:
    return _records(state, [incident])[0]


def _records(state: State, incidents: Sequence[Incident]) -> list[IncidentRecord]:
    histories = state.alerts.histories({one.alert_id for one in incidents})
    return [_record(one, histories.get(one.alert_id, ())) for one in incidents]


def _record(incident: Incident, history: Sequence[AlertChange]) -> IncidentRecord:
    ended = incident.ended_at or _LATEST
    done = tuple(one for one in history if one.reason in _BY_PEOPLE and incident.seen_at <= one.at <= ended)
    return IncidentRecord(incident, done, alerted=bool(history))
