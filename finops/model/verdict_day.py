"""What a policy said of a group, day by day: short enough to keep as long as an audit looks back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from finops.model.finding import Finding, Severity, State


@dataclass(frozen=True, slots=True)
class VerdictDay:
    """The last verdict of a day. ``place``: the finding's ``anchor``, the same for a policy and group on every day.

    ``then``: judged on the day itself; otherwise afterwards, on the bills as they were known later.
    """

    place: str
    day: date
    as_of: datetime
    state: State
    severity: Severity | None
    measure: str
    value: float | None
    limit: float | None
    reason: str
    then: bool = True


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert from the day on which it would have gone out to the day of the first ok verdict after it, if any.

    ``severity``: the highest. ``firing``: days with a firing verdict. ``reason``: of the first day.
    """

    first: date
    resolved: date | None
    severity: Severity
    firing: int
    reason: str


def verdict_days(findings: Iterable[Finding], timezone: ZoneInfo) -> list[VerdictDay]:
    """One a finding, on the day of its moment in ``timezone``."""
    return [
        VerdictDay(
            place=finding.anchor,
            day=finding.as_of.astimezone(timezone).date(),
            as_of=finding.as_of,
            state=finding.state,
            severity=finding.severity,
            measure=finding.measure,
            value=finding.value,
            limit=finding.limit,
            reason=finding.reason,
        )
        for finding in findings
    ]
