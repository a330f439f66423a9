"""What the policies say of a month: budgets, unit costs and emissions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from finops.evaluate.engine import evaluate
from finops.model.evaluation import Settings
from finops.model.finding import Finding
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.model.statement import StatementBudget
from finops.ports.lake import LakeView


def budgets_of(
    policies: Sequence[Policy],
    view: LakeView,
    as_of: datetime,
    freshness: Sequence[SourceFreshness],
    settings: Settings,
    *,
    by: str,
    values: Collection[str],
) -> tuple[StatementBudget, ...]:
    """Every budget as it stood at ``as_of``, with the one of ``values`` that it is about, if it is about one only."""
    budgets = [policy for policy in policies if policy.spec.profile.statement == "budgets"]
    about = {policy.name: _about(policy, by, values) for policy in budgets}
    conditions = {policy.name: policy.spec.envelope.condition for policy in budgets}
    return tuple(
        StatementBudget(
            finding,
            finding.group.get(by, about[finding.policy]),
            condition.text if (condition := conditions[finding.policy]) is not None else "",
        )
        for finding in verdicts_of("budgets", budgets, view, as_of, freshness, settings)
    )


def verdicts_of(
    part: Literal["budgets", "unit_costs", "emissions"],
    policies: Sequence[Policy],
    view: LakeView,
    as_of: datetime,
    freshness: Sequence[SourceFreshness],
    settings: Settings,
) -> tuple[Finding, ...]:
    """Verdicts of those policies that ``part`` of a statement tells: ``budgets`` as they stood at ``as_of``,
    ``unit_costs`` over the policy's own window, which ends on the last settled day, ``emissions`` of the latest whole
    period that is known. Without cost drivers, which a statement has no room for."""
    own = [policy for policy in policies if policy.spec.profile.statement == part]
    if not own:
        return ()
    return evaluate(own, view, as_of=as_of, freshness=freshness, settings=settings, drivers=False).findings


def _about(policy: Policy, by: str, values: Collection[str]) -> str | None:
    condition = policy.spec.envelope.condition
    if condition is None:
        return None
    possible = [value for value in sorted(values) if condition.may_hold({by: value})]
    return possible[0] if len(possible) == 1 else None
