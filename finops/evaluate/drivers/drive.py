"""Firing verdicts -> what changed behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.evaluate.gathering import Case
from finops.evaluate.rule import Verdict
from finops.model.finding import Change, Driver
from finops.ports.lake import LakeView


@dataclass(frozen=True, slots=True)
class Drive:
    """What drove one verdict; empty where it does not fire or no cost changed."""

    drivers: tuple[Driver, ...] = ()
    change: Change | None = None
    notes: tuple[str, ...] = ()


def drive(cases: Sequence[Case], verdicts: Sequence[Verdict], view: LakeView) -> list[Drive]:
    """One ``Drive`` a case, in order."""
    del cases, view
    return [Drive() for _ in verdicts]
