"""Firing verdicts -> what changed behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finops.evaluate.cases.case import Case
from finops.evaluate.drivers.comparison import Comparison, comparisons
from finops.evaluate.drivers.largest import largest
from finops.evaluate.drivers.rows import check_rows, matched_rows
from finops.evaluate.drivers.split import PARTS, split
from finops.evaluate.judgement.kind import Verdict
from finops.evaluate.policy_fault import FAULTS, STORES, failing, kind_fault
from finops.model.finding import Change, Driver
from finops.ports.lake import LakeView


@dataclass(frozen=True, slots=True)
class ChangeExplanation:
    """What drove one verdict; empty where it does not fire or no cost changed."""

    drivers: tuple[Driver, ...] = ()
    change: Change | None = None
    notes: tuple[str, ...] = ()


def explain_changes(cases: Sequence[Case], verdicts: Sequence[Verdict], view: LakeView) -> list[ChangeExplanation]:
    """One ``ChangeExplanation`` a case, in order. Single rows are scanned once for all of them together, and not at
    all where nothing fires. What one verdict gets does not depend on which others fire."""
    drives = [ChangeExplanation() for _ in verdicts]
    firing = comparisons(cases, verdicts, view)
    for one in firing:
        drives[one.place] = ChangeExplanation(notes=one.notes)
    asked = [one for one in firing if one.before]
    try:
        found = _explained(asked, view)
    except STORES:
        raise
    except FAULTS:
        check_rows(view)
        failed = {one.place: error for one, error in failing(asked, lambda some: _explained(some, view))}
        found = _explained([one for one in asked if one.place not in failed], view)
        for one in asked:
            if one.place in failed:
                fault = kind_fault(one.case.policy.kind, "compare its costs", failed[one.place])
                without = f"the cost drivers are unknown: {fault.reason}"
                found[one.place] = ChangeExplanation(notes=(*one.notes, without))
    for place, explained in found.items():
        drives[place] = explained
    return drives


def _explained(asked: Sequence[Comparison], view: LakeView) -> dict[int, ChangeExplanation]:
    """By place."""
    drives: dict[int, ChangeExplanation] = {}
    if not asked:
        return drives
    rows = matched_rows(view, asked, asked[0].case.data.moment.settings.rates)
    missing = dict(rows.drop_nulls("missing").group_by("place").agg(pl.col("missing").min()).iter_rows())
    totals = split(rows, ["place"])
    found = largest(rows, totals, {one.place: one.compared.by for one in asked})
    changes = {row["place"]: row for row in totals.iter_rows(named=True)}
    for one in asked:
        if one.place in missing:
            without = f"the cost drivers are unknown: no exchange rate from {missing[one.place]}"
            drives[one.place] = ChangeExplanation(notes=(*one.notes, without))
        elif one.place in changes:
            change = _change(one, changes[one.place])
            drives[one.place] = ChangeExplanation(tuple(found.get(one.place, ())), change, one.notes)
    return drives


def _change(one: Comparison, amounts: Mapping[str, Decimal]) -> Change:
    before, after = one.spans
    return Change(
        before=before,
        after=after,
        before_amount=amounts["before"],
        after_amount=amounts["after"],
        **{part: amounts[part] for part in PARTS},
        before_days=len(one.before),
        after_days=len(one.after),
        explained=one.explained(amounts["before"]),
        of=one.compared.of,
    )
