"""The history of incidents, as evaluations and people look it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from finops.model.alert import AlertChange
from finops.model.incident import Incident, IncidentKey, KnownIncidents


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents are wanted; all that is said must hold, an empty text says nothing. ``group``: part of it, in
    whatever case. ``open``: None for both."""

    policy: str = ""
    group: str = ""
    alert_id: str = ""
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """``total``: how many pass the filter, on all pages."""

    incidents: Sequence[Incident]
    total: int


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """An incident, and what people did about its alert while it was open, oldest first. ``alerted``: whether there is
    an alert of its policy and group; an incident that was over when it was first seen made none."""

    incident: Incident
    done: tuple[AlertChange, ...] = ()
    alerted: bool = True

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops alerts incidents --format json`` and of the API."""
        done = [
            {"at": one.at.isoformat(), "actor": one.actor, "what": one.reason.value, "note": one.note}
            for one in self.done
        ]
        return {**self.incident.to_json(), "alerted": self.alerted, "done": done}


class IncidentHistory(Protocol):
    """Incidents of anomalies; ``AlertStore`` writes them together with the alerts."""

    def page(self, wanted: IncidentFilter, *, limit: int, offset: int = 0) -> IncidentPage:
        """Open ones first, then the rest, each the newest first."""
        ...

    def policies(self) -> Sequence[str]:
        """Names of policies with incidents, sorted."""
        ...

    def known(self) -> Mapping[IncidentKey, KnownIncidents]:
        """What an evaluation has to know: open incidents and accepted levels, by policy and group."""
        ...
