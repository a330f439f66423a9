"""The history of incidents, as pages and evaluations look it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from finops.model.incident import Incident, IncidentKey, KnownIncidents


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents are wanted; all that is said must hold, an empty text says nothing. ``open``: None for both."""

    policy: str = ""
    group: str = ""
    owner: str = ""
    alert_id: str = ""
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """``total``: how many pass the filter, on all pages."""

    incidents: Sequence[Incident]
    total: int


class IncidentHistory(Protocol):
    """Incidents of anomalies; ``AlertStore`` writes them together with the alerts."""

    def page(self, wanted: IncidentFilter, *, limit: int, offset: int = 0) -> IncidentPage:
        """Open ones first, then the rest, each the newest first."""
        ...

    def known(self) -> Mapping[IncidentKey, KnownIncidents]:
        """What an evaluation has to know: open incidents and accepted levels, by policy and group."""
        ...

    def open_of(self, alert_id: str) -> Incident | None:
        """The open incident of an alert's policy and group; the newest, where there are several."""
        ...
