"""Rules as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recording:
    """``expr`` under a name of its own: ``level:metric:operation``."""

    record: str
    expr: str


@dataclass(frozen=True, slots=True)
class Alerting:
    """What to page for. ``severity`` is None where the series bring their own.

    ``held_for``: a Prometheus duration that the condition must hold. ``summary``, ``description`` and ``page`` (below
    the service's address) are templates of Prometheus. ``runbook``: a page in ``docs/runbooks/``, by default the one
    of the alert's own name.
    """

    alert: str
    expr: str
    held_for: str
    summary: str
    description: str
    severity: str | None = None
    page: str = ""
    runbook: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Evaluated together, in this order."""

    name: str
    rules: Sequence[Recording | Alerting]
