"""Which of the runs that are current for a month are taken, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from finops.collect.azure.export.manifest import Run
from finops.collect.azure.export.months import Key
from finops.errors import RefusedBatch

FOCUS = "focuscost"
_TOO_OLD = "1.0-preview"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of one month: the runs to read, by scope; and sentences about what is left out."""

    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()


def choose(current: Mapping[Key, Run], month: date) -> Chosen:
    """Raises ``RefusedBatch`` where two scopes hold the same costs, or where a version cannot be read."""
    own = {(scope, dataset): run for (when, scope, dataset), run in current.items() if when == month}
    scopes = sorted({scope for scope, dataset in own if dataset == FOCUS})
    _check_disjoint(scopes, month)
    runs = [own[scope, FOCUS] for scope in scopes]
    for run in runs:
        if run.version.startswith(_TOO_OLD):
            raise RefusedBatch(
                f"the export has FOCUS {run.version}, whose columns were not final",
                where=run.manifest,
                remedy="Change the export's dataset version to 1.2 or 1.0r2, and run it for this month",
            )
    return Chosen(tuple(runs))


def _check_disjoint(scopes: Sequence[str], month: date) -> None:
    for outer in scopes:
        for inner in scopes:
            if inner.startswith(f"{outer}/"):
                raise RefusedBatch(
                    f"two exports hold the costs of {inner} for {month:%Y-%m}: its own, and that of {outer}",
                    where="exports",
                    remedy="Name one of them with export:, or give each a source with its own directory:",
                )
