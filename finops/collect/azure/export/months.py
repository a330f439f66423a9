"""Which run counts for which month: the one that was submitted last, of those that cover the month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from finops.collect.azure.export.manifest import Run
from finops.model.period import month_start

_LAG = timedelta(days=3)
"""A month-to-date run may end at the day that it was submitted, and bills arrive a day or two late."""

Key = tuple[date, str, str]
"""Month, scope, dataset."""


@dataclass(frozen=True, slots=True)
class Current:
    """``runs``: the current run of each (month, scope, dataset). ``partial``: runs that hold a part of a month only."""

    runs: Mapping[Key, Run]
    partial: tuple[Run, ...]


def current_runs(runs: Iterable[Run]) -> Current:
    """Of each month, scope and dataset the run with the greatest submittedTime, whatever the export's name.

    A month that was exported again by another export (a one-time export for the past) is replaced, not added. A run
    over some days of a month only cannot stand for that month.
    """
    found: dict[Key, Run] = {}
    partial: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.submitted_at, run.run_id, run.manifest)):
        months = months_of(run)
        covered = [month for month in months if covers(run, month)]
        if covered != months:
            partial.append(run)
        found.update({(month, run.scope, run.dataset): run for month in covered})
    return Current(found, tuple(partial))


def covers(run: Run, month: date) -> bool:
    """Whether the run holds the month from its first day to its end, or to when the run was made."""
    end = month_start(month, 1) - timedelta(days=1)
    return run.first <= month and (run.last >= end or run.last >= run.submitted_at.date() - _LAG)


def months_of(run: Run) -> list[date]:
    """Every month that the run has a day of."""
    months = [month_start(run.first)]
    while (following := month_start(months[-1], 1)) <= run.last:
        months.append(following)
    return months
