"""One group of one policy with the data that its verdict is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Verdict
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Case:
    """One group of one policy, ready to be judged."""

    policy: Policy
    rule: AnyKind
    data: GroupData


def judge_cases(cases: Sequence[Case]) -> list[Verdict]:
    """One verdict a case, in order; the same as ``judge`` gives for each alone."""
    found: dict[int, Verdict] = {}
    by_rule: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        by_rule.setdefault(id(case.rule), []).append(place)
    for places in by_rule.values():
        rule = cases[places[0]].rule
        data = [cases[place].data for place in places]
        found |= zip(places, rule.judge_together(data), strict=True)
    return [found[place] for place in range(len(cases))]
