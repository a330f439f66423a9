"""Does a Growth policy say what is true? Many invented histories of each kind, judged by the rule as it is shipped.

``python -m benchmarks.elasticity [--windows 400] [--seed 1]`` prints the table of benchmarks/README.md. No timing here:
the numbers are the same on every machine, for the same seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import numpy as np

from benchmarks.cost_and_demand import History, Scenario, history
from finops.config.plugins import policy_kinds
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.focus.schema import condition_columns
from finops.model.evaluation import Settings
from finops.model.source_freshness import SourceFreshness
from finops.policy.load import read_policies

POLICY = """
apiVersion: finops/v1
kind: KIND
metadata: {name: measured, owner: benchmark}
spec:
  demand: orders
  window: DAYSd
  alerts:
"""

PLAIN = Scenario("10 % noise")
SCENARIOS = (
    *(
        replace(PLAIN, name=f"{noise:.0%} noise, elasticity {elasticity}", noise_cost=noise, elasticity=elasticity)
        for elasticity in (0.5, 1.0, 1.5, 2.0)
        for noise in (0.05, 0.1, 0.2)
    ),
    *(
        replace(PLAIN, name=f"10 % noise, elasticity 1, {days} days", days=days, growth=0.5)
        for days in (42, 91, 182)
    ),
    *(
        replace(PLAIN, name=f"{noise:.0%} noise, autocorrelation {rho}", noise_cost=noise, persistence=rho)
        for rho in (0.5, 0.7, 0.85)
        for noise in (0.1, 0.2)
    ),
    replace(PLAIN, name="demand noisy too (10 %), cost follows it", elasticity=1.5, noise_demand=0.1, follows=True),
    replace(PLAIN, name="demand noisy too (10 %), cost does not, 1", noise_demand=0.1),
    replace(PLAIN, name="demand noisy too (10 %), cost does not, 1.5", elasticity=1.5, noise_demand=0.1),
    replace(PLAIN, name="both 20 %, autocorrelation 0.5", noise_cost=0.2, noise_demand=0.2, persistence=0.5),
    replace(PLAIN, name="both 20 %, autocorrelation 0.7", noise_cost=0.2, noise_demand=0.2, persistence=0.7),
    replace(PLAIN, name="a week that cost follows", week="same"),
    replace(PLAIN, name="a week that cost does not follow", week="none"),
    replace(PLAIN, name="two different weeks, elasticity 1.5", week="own", elasticity=1.5),
    *(
        replace(PLAIN, name=f"capacity in steps of {step:.0%}, elasticity {elasticity}", capacity_step=step,
                elasticity=elasticity, noise_cost=0.05)
        for step in (0.1, 0.2, 0.3)
        for elasticity in (1.0, 1.5)
    ),
    replace(PLAIN, name="demand steps by 30 %, cost follows by 1", growth=0.1, shift_demand=0.3),
    replace(PLAIN, name="demand steps by 30 %, cost follows by 1.5", growth=0.1, shift_demand=0.3, elasticity=1.5),
    replace(PLAIN, name="cost alone steps by 50 %", shift_cost=0.5),
    replace(PLAIN, name="cost alone steps by 20 %, 5 % noise", shift_cost=0.2, noise_cost=0.05),
    replace(PLAIN, name="cost alone steps by 20 %, 10 % noise", shift_cost=0.2),
    replace(PLAIN, name="cost alone steps by 20 %, 10 % noise, 182 days", shift_cost=0.2, days=182),
    replace(PLAIN, name="cost alone falls by 30 %", shift_cost=-0.3),
    replace(PLAIN, name="1 day of demand in 10 missing", missing_demand=0.1, week="same"),
    replace(PLAIN, name="three days with credits", credits=3, week="same"),
    replace(PLAIN, name="the newest days not complete yet", late_days=10),
    replace(PLAIN, name="last week a tenth too low, before it is restated", restated=True),
    replace(PLAIN, name="the same, restated", restated=True),
    replace(PLAIN, name="demand grows by 10 % only", growth=0.1, noise_demand=0.05),
    replace(PLAIN, name="demand stands still", growth=0.0, noise_demand=0.05),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """Shares of all windows; ``held`` and ``excess_held`` of those in which there is an interval."""

    held: float
    fired: float
    unknown: float
    width: float
    excess_held: float


def rule_of(kind: str, days: int, alerts: Sequence[str]) -> PolicyKind:
    """The rule of ``kind`` over a window of ``days``."""
    text = POLICY.replace("KIND", kind).replace("DAYS", str(days))
    text += "".join(f"    - {{when: '{alert}', severity: warning}}\n" for alert in alerts)
    (policy,) = read_policies(
        text, shown_as="measured.yaml", kinds=policy_kinds().load_all(), columns=condition_columns(), demand=["orders"]
    )
    rule: PolicyKind = policy.spec
    return rule


def facts_of(made: History) -> GroupData:
    """As they are when the last whole day has just settled."""
    end = datetime.combine(made.last + timedelta(days=1), time(), UTC)
    as_of = end + timedelta(hours=54)
    source = SourceFreshness("bill", "focus-files", as_of, end)
    return GroupData(
        moment=Moment(as_of, Settings("EUR")),
        group={},
        seen=True,
        sources=(source,),
        silent=(),
        daily={day: {"EUR": cost} for day, cost in made.cost.items()},
        demand={"orders": made.demand},
    )


def judged(scenario: Scenario, windows: int, seed: int) -> Iterator[tuple[Verdict, History]]:
    rule = rule_of("Growth", scenario.days, ["elasticity > 1"])
    for number in range(windows):
        made = history(scenario, seed * 1_000_003 + number, restated="before" not in scenario.name)
        yield rule.judge(facts_of(made)), made


def measure(scenario: Scenario, windows: int, seed: int) -> Result:
    verdicts = list(judged(scenario, windows, seed))
    known = [verdict.measures for verdict, _ in verdicts if "elasticity" in verdict.measures]
    truth = scenario.elasticity
    excess = [
        verdict.measures["excess_growth_low"] <= made.excess <= verdict.measures["excess_growth_high"]
        for verdict, made in verdicts
        if "excess_growth" in verdict.measures
    ]
    return Result(
        held=_share([one["elasticity_low"] <= truth <= one["elasticity_high"] for one in known]),
        fired=_share([verdict.state == "firing" for verdict, _ in verdicts]),
        unknown=_share([verdict.state == "unknown" for verdict, _ in verdicts]),
        width=float(np.median([one["elasticity_high"] - one["elasticity_low"] for one in known])) if known else 0.0,
        excess_held=_share(excess),
    )


def _share(values: list[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=400, help="histories of each kind")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    say("| scenario (60 days, elasticity 1 unless said) | held | fires on > 1 | unknown | width | excess held |")
    say("|---|---|---|---|---|---|")
    for place, scenario in enumerate(SCENARIOS):
        found = measure(scenario, arguments.windows, arguments.seed + place)
        say(
            f"| {scenario.name} | {found.held:.1%} | {found.fired:.1%} | {found.unknown:.1%} | {found.width:.2f} | "
            f"{found.excess_held:.1%} |"
        )


if __name__ == "__main__":
    main()
