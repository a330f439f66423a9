"""Do Growth and UnitCost fire when they should, stay quiet when they should, and how late are they?

``python -m benchmarks.verdicts [--draws 40] [--seed 1]`` prints the tables of benchmarks/README.md. No timing here: the
numbers are the same on every machine, for the same seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import get_args

import numpy as np

from benchmarks.cost_and_demand import History
from benchmarks.elasticity import facts_of, rule_of
from benchmarks.verdict_families import FAMILIES, HARD, WINDOW_DAYS, Draw, Family, Kind, needed
from finops.evaluate.judgement.kind import PolicyKind, Verdict

ALERTS: Mapping[Kind, tuple[str, ...]] = {
    "Growth": ("elasticity > 1.2", "excess_growth > 20%"),
    "UnitCost": ("unit_cost_change > 10%",),
}
STEPS = (1.3, 1.67, 2.5)


def rule(kind: Kind) -> PolicyKind:
    return rule_of(kind, WINDOW_DAYS[kind], ALERTS[kind])


def fired(kind: Kind, family: Family, draws: int, seed: int) -> list[Verdict]:
    policy = rule(kind)
    return [policy.judge(facts_of(family.draw(kind, seed * 1_000_003 + number))) for number in range(draws)]


def delays(kind: Kind, times: float, draws: int, seed: int) -> list[int]:
    """Days after the step's first day on which arithmetic passes the threshold, until the policy fires."""
    policy, found = rule(kind), []
    for number in range(draws):
        first = needed(kind, times)
        for late in range(31):
            days = first + late
            if days > WINDOW_DAYS[kind] or policy.judge(facts_of(_stepped(kind, times, days, seed, number))).state == (
                "firing"
            ):
                break
        found.append(late)
    return found


def _stepped(kind: Kind, times: float, days: int, seed: int, number: int) -> History:
    """The same draw of noise for every length of the step."""
    draw = Draw(np.random.default_rng(seed * 1_000_003 + number), kind)
    draw.unit = 1 + (times - 1) * draw.since(days)
    return draw.made()


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=40, help="histories of each family")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    say("| family | right | Growth fires | unknown | right | UnitCost fires | unknown |")
    say("|---|---|---|---|---|---|---|")
    totals: dict[tuple[Kind, bool], list[bool]] = {}
    for place, family in enumerate((*FAMILIES, *HARD)):
        cells = []
        for kind in get_args(Kind):
            verdicts = fired(kind, family, arguments.draws, arguments.seed + place)
            should = family.should(kind)
            if should is not None and family not in HARD:
                totals.setdefault((kind, should), []).extend(one.state == "firing" for one in verdicts)
            right = {True: "fire", False: "quiet", None: "either"}[should]
            shares = (np.mean([one.state == state for one in verdicts]) for state in ("firing", "unknown"))
            cells.append(f"{right} | {' | '.join(f'{share:.1%}' for share in shares)}")
        say(f"| {family.name} | {' | '.join(cells)} |")
    for (kind, should), states in totals.items():
        say(f"{kind}, all that should {'fire' if should else 'stay quiet'}: {np.mean(states):.1%} fire")
    say("| lasting step | arithmetic needs, Growth | later: median | 90 % | arithmetic, UnitCost | median | 90 % |")
    say("|---|---|---|---|---|---|---|")
    for times in STEPS:
        cells = []
        for kind in get_args(Kind):
            late = delays(kind, times, arguments.draws, arguments.seed)
            cells.append(f"{needed(kind, times)} | {np.median(late):.0f} | {np.quantile(late, 0.9):.0f}")
        say(f"| × {times} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
