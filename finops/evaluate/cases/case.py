"""One group of one policy with the data that its verdict is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import AnyKind, Verdict
from finops.evaluate.judgement.verdict_check import checked
from finops.evaluate.policy_fault import FAULTS, kind_fault
from finops.model.finding import State
from finops.model.period import Period
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Case:
    """One group of one policy, ready to be judged. ``fault``: why it cannot be; its verdict is unknown then."""

    policy: Policy
    rule: AnyKind
    data: GroupData
    fault: str = ""


def judge_cases(cases: Sequence[Case]) -> list[Verdict]:
    """One verdict a case, in order; the same as ``judge`` gives for each alone.

    A kind that fails on a group, or returns what is no verdict, makes that verdict ``unknown``.
    """
    found: dict[int, Verdict] = {}
    by_rule: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        if case.fault:
            found[place] = unknown(case, case.fault)
        else:
            by_rule.setdefault(id(case.rule), []).append(place)
    for places in by_rule.values():
        found |= zip(places, _judged([cases[place] for place in places]), strict=True)
    return [found[place] for place in range(len(cases))]


def _judged(cases: Sequence[Case]) -> list[Verdict]:
    """Of one rule."""
    rule = cases[0].rule
    try:
        verdicts = [checked(one, rule.profile) for one in rule.judge_together([case.data for case in cases])]
    except MemoryError:
        raise
    except FAULTS:
        return [_judged_alone(case) for case in cases]
    return verdicts if len(verdicts) == len(cases) else [_judged_alone(case) for case in cases]


def _judged_alone(case: Case) -> Verdict:
    try:
        return checked(case.rule.judge(case.data), case.rule.profile)
    except MemoryError:
        raise
    except FAULTS as error:
        return unknown(case, kind_fault(case.policy.kind, "judge this group", error).reason)


def unknown(case: Case, reason: str) -> Verdict:
    """The verdict on a case that cannot be judged."""
    moment = case.data.moment
    return Verdict(
        state=State.UNKNOWN,
        severity=None,
        reason=reason,
        measure="",
        value=None,
        limit=None,
        currency=moment.settings.currency,
        period=Period(moment.today, moment.today + timedelta(days=1)),
    )
