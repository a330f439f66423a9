"""Which months Cost Explorer is asked for: each costs money, so no month is asked twice without a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from finops.collect.aws.cost_explorer.options import MONTHS_KEPT
from finops.model.period import month_start
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Window

ASKED_FROM = "asked_from"
"""In a month's manifest: the oldest month that was asked for by then, whether or not it had costs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``months``: newest first. ``too_old``: what the window names and Cost Explorer does not keep."""

    months: Sequence[date]
    too_old: Sequence[date] = ()


def months_to_ask(today: date, known: Mapping[date, Known], window: Window, *, months: int) -> Asked:
    """The open and the previous month, those that AWS still estimates, and what of the past was never asked for.

    With ``window`` every month of it instead, as far back as Cost Explorer keeps days.
    """
    current = month_start(today)
    if window != EVERYTHING:
        oldest = month_start(current, -MONTHS_KEPT)
        first = month_start(window.first) if window.first else month_start(current, -months)
        wanted = [month for month in _back(current, first) if month in window]
        return Asked([month for month in wanted if month >= oldest], [month for month in wanted if month < oldest])
    asked_from = _asked_from(known)
    missing = [
        month
        for month in _back(month_start(current, -2), month_start(current, -months))
        if month not in known and (asked_from is None or month < asked_from)
    ]
    recent = [month for month in (current, month_start(current, -1)) if month >= month_start(current, -months)]
    estimated = [month for month, period in known.items() if period.estimated_from and month < recent[-1]]
    kept = month_start(current, -MONTHS_KEPT)
    return Asked(sorted({*recent, *missing, *(month for month in estimated if month >= kept)}, reverse=True))


def reached(today: date, asked: Collection[date], known: Mapping[date, Known]) -> date | None:
    """The oldest month up to which every one from ``today``'s back was asked for, now or before; None: not even that.

    What is kept as ``ASKED_FROM``: a month without costs is never offered, so nothing else remembers it.
    """
    before, month, found = _asked_from(known), month_start(today), None
    while month in asked or (before is not None and month >= before):
        found, month = month, month_start(month, -1)
    return found


def _asked_from(known: Mapping[date, Known]) -> date | None:
    said = [period.manifest.get(ASKED_FROM) for period in known.values()]
    return min((date.fromisoformat(str(text)) for text in said if text), default=None)


def _back(newest: date, oldest: date) -> list[date]:
    months = []
    while newest >= oldest:
        months.append(newest)
        newest = month_start(newest, -1)
    return months
