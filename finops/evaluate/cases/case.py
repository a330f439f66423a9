"""One group of one policy with the data that its verdict is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from finops.errors import FinopsError
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Verdict
from finops.model.finding import State
from finops.model.period import Period
from finops.model.policy import Policy

STORES = (FinopsError, pl.exceptions.PolarsError, OSError, MemoryError)
"""What a lake that cannot be read, or a machine without memory, raises: no fault of a kind."""


@dataclass(frozen=True, slots=True)
class Case:
    """One group of one policy, ready to be judged."""

    policy: Policy
    rule: AnyKind
    data: GroupData


def judge_cases(cases: Sequence[Case]) -> list[Verdict]:
    """One verdict a case, in order; the same as ``judge`` gives for each alone.

    A kind that fails on a group makes that verdict ``unknown``. Raises what reading the lake raises.
    """
    found: dict[int, Verdict] = {}
    by_rule: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        by_rule.setdefault(id(case.rule), []).append(place)
    for places in by_rule.values():
        rule = cases[places[0]].rule
        data = [cases[place].data for place in places]
        try:
            verdicts = rule.judge_together(data)
        except STORES:
            raise
        except Exception:  # noqa: BLE001 - a fault of a kind concerns the groups that expose it, and nothing else
            verdicts = [_judged_alone(cases[place]) for place in places]
        found |= zip(places, verdicts, strict=True)
    return [found[place] for place in range(len(cases))]


def _judged_alone(case: Case) -> Verdict:
    try:
        return case.rule.judge(case.data)
    except STORES:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        moment = case.data.moment
        return Verdict(
            state=State.UNKNOWN,
            severity=None,
            reason=f"kind {case.policy.kind} failed on this group with {type(error).__name__}: please report it",
            measure="",
            value=None,
            limit=None,
            currency=moment.settings.currency,
            period=Period(moment.today, moment.today + timedelta(days=1)),
        )
