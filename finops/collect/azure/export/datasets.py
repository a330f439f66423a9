"""Which of the runs that are current for a month are taken, and what their costs mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from finops.collect.azure.export.manifest import Run
from finops.collect.azure.export.months import Key
from finops.collect.azure.native.view import View
from finops.errors import RefusedBatch

_FOCUS = "focuscost"
_ACTUAL = ("actualcost", "usage")
_AMORTISED = "amortizedcost"
_BILLS = (_FOCUS, *_ACTUAL, _AMORTISED)
_TOO_OLD = "1.0-preview"

_PATIENCE = timedelta(hours=48)
"""How long a month's first file waits for its pair, where the scope has both in other months: alone it would show a
commitment's purchase as a day's cost."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A run, and what its costs mean; ``view`` None: they are FOCUS's own."""

    run: Run
    view: View | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of one month: what to read; and sentences about what is not."""

    readings: tuple[Reading, ...]
    notes: tuple[str, ...] = ()


def choose(current: Mapping[Key, Run], month: date, now: datetime) -> Chosen:
    """Raises ``RefusedBatch`` where two scopes hold the same costs, or where a version cannot be read."""
    own = {(scope, dataset): run for (when, scope, dataset), run in current.items() if when == month}
    scopes = sorted({scope for scope, dataset in own if dataset in _BILLS})
    _check_disjoint(scopes, month)
    readings: list[Reading] = []
    notes = [f"exports of {dataset} are not bills and are skipped" for _, dataset in own if dataset not in _BILLS]
    for scope in scopes:
        runs = {dataset: run for (of, dataset), run in own.items() if of == scope}
        if _FOCUS in runs:
            readings.append(Reading(_of_a_known_version(runs[_FOCUS]), None))
            if runs.keys() & {*_ACTUAL, _AMORTISED}:
                notes.append(f"{scope}: its FOCUS export is read; its actual and amortised cost exports are skipped")
            continue
        actual = next((runs[dataset] for dataset in _ACTUAL if dataset in runs), None)
        amortised = runs.get(_AMORTISED)
        if _waits(current, scope, actual, amortised, now):
            notes.append(f"{month:%Y-%m}: {scope} has only one of actual and amortised cost; waiting for the other")
            return Chosen((), tuple(dict.fromkeys(notes)))
        readings += _pair(actual, amortised)
        notes += _alone(scope, actual, amortised)
    return Chosen(tuple(readings), tuple(dict.fromkeys(notes)))


def _pair(actual: Run | None, amortised: Run | None) -> Iterator[Reading]:
    if amortised is not None:
        yield Reading(amortised, View.AMORTISED if actual else View.AMORTISED_ALONE)
    if actual is not None:
        yield Reading(actual, View.ACTUAL if amortised else View.ACTUAL_ALONE)


def _alone(scope: str, actual: Run | None, amortised: Run | None) -> Iterator[str]:
    if actual is None:
        yield f"{scope}: amortised cost only, so BilledCost repeats EffectiveCost; export actual cost as well"
    if amortised is None:
        yield f"{scope}: actual cost only, so EffectiveCost repeats BilledCost; export amortised cost as well"


def _waits(current: Mapping[Key, Run], scope: str, actual: Run | None, amortised: Run | None, now: datetime) -> bool:
    there = actual or amortised
    if there is None or (actual and amortised) or now - there.submitted_at > _PATIENCE:
        return False
    other = {_AMORTISED} if actual else set(_ACTUAL)
    return any(of == scope and dataset in other for _, of, dataset in current)


def _of_a_known_version(run: Run) -> Run:
    if run.version.startswith(_TOO_OLD):
        raise RefusedBatch(
            f"the export has FOCUS {run.version}, whose columns were not final",
            where=run.manifest,
            remedy="Change the export's dataset version to 1.2 or 1.0r2, and run it for this month",
        )
    return run


def _check_disjoint(scopes: Sequence[str], month: date) -> None:
    for outer in scopes:
        for inner in scopes:
            if inner.startswith(f"{outer}/"):
                raise RefusedBatch(
                    f"two exports hold the costs of {inner} for {month:%Y-%m}: its own, and that of {outer}",
                    where="exports",
                    remedy="Select one with export:, or configure a source with its own directory: for each",
                )
