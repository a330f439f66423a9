"""Cases -> their verdicts; those of one policy together, where its kind gains by that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from finops.evaluate.facts import Facts
from finops.evaluate.rule import PolicyKind, Verdict

if TYPE_CHECKING:  # see ``finops.evaluate.judged``
    from finops.evaluate.gathering import Case


def verdicts_of(cases: Sequence[Case]) -> list[Verdict]:
    """One verdict a case, in order; the same as ``judge`` gives for each alone."""
    found: dict[int, Verdict] = {}
    by_rule: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        by_rule.setdefault(id(case.rule), []).append(place)
    for places in by_rule.values():
        rule: PolicyKind = cases[places[0]].rule
        facts = [cases[place].facts for place in places]
        # ``isinstance`` looks through a protocol anew each time
        together: Callable[[Sequence[Facts]], list[Verdict]] | None = getattr(rule, "judge_together", None)
        judged = together(facts) if together is not None else [rule.judge(one) for one in facts]
        found |= zip(places, judged, strict=True)
    return [found[place] for place in range(len(cases))]
