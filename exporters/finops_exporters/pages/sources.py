"""The sources as people ask about them: does it work, how far does its data reach?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from finops.model.operations import Operations, SourceFacts
from finops_exporters.pages import words


@dataclass(frozen=True, slots=True)
class SourceRow:
    name: str
    kind: str
    tone: str
    state: str
    complete_through: str
    last_success: str
    last_success_iso: str
    rows: str
    restated: tuple[str, ...]
    error: str


def source_rows(operations: Operations) -> tuple[SourceRow, ...]:
    """Failing ones first, then by name."""
    ordered = sorted(operations.sources, key=lambda source: (source.up, source.name))
    return tuple(_row(source, collecting=source.name in operations.collecting) for source in ordered)


def _row(source: SourceFacts, *, collecting: bool) -> SourceRow:
    tone, state = _state(source, collecting=collecting)
    return SourceRow(
        name=source.name,
        kind=source.kind,
        tone=tone,
        state=state,
        complete_through=_last_day(source.complete_through) if source.complete_through else "no data yet",
        last_success=words.minute(source.last_success_at) if source.last_success_at else "never",
        last_success_iso=source.last_success_at.isoformat() if source.last_success_at else "",
        rows=f"{source.rows:,}",
        restated=tuple(
            f"{'+' if amount > 0 else ''}{words.number(amount)} {currency}"
            for currency, amount in sorted(source.restated.items())
            if amount
        ),
        error=source.error,
    )


def _state(source: SourceFacts, *, collecting: bool) -> tuple[str, str]:
    if collecting:
        return "info", "Collecting"
    if not source.up:
        return "critical", "Failing"
    if source.last_success_at is None:
        return "unknown", "Not collected yet"
    return "ok", "Working"


def _last_day(end: datetime) -> str:
    """``complete_through`` is a period's end, exclusive: the last moment in it names the day."""
    return words.day((end.astimezone(UTC) - timedelta(microseconds=1)).date())
