"""Findings -> the families of each kind and of policy states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from finops.model.family import Family
from finops.model.finding import Finding, Severity, State
from finops.publish.catalogue import (
    ALLOCATION_RATIO,
    ANOMALY_SCORE,
    BUDGET_EXHAUSTS,
    BUDGET_FORECAST,
    BUDGET_FORECAST_HIGH,
    BUDGET_FORECAST_LOW,
    BUDGET_FORECAST_RATIO,
    BUDGET_LIMIT,
    BUDGET_PACE_RATIO,
    BUDGET_SPENT,
    BUDGET_SPENT_RATIO,
    COMMITMENT_COVERAGE_RATIO,
    COMMITMENT_UTILISATION_RATIO,
    COST_GROWTH,
    DEMAND_GROWTH,
    ELASTICITY,
    ELASTICITY_HIGH,
    ELASTICITY_LOW,
    EMISSIONS,
    POLICY_STATE,
    UNIT_COST,
)

_STATES = (("", State.OK), ("", State.UNKNOWN), *((severity.value, State.FIRING) for severity in Severity))


def policy_families(findings: Sequence[Finding]) -> tuple[Family, ...]:
    """What could not be computed has no series; its verdict is ``unknown`` in ``finops_policy_state``."""
    budgets, growths = _of_kind(findings, "Budget"), _of_kind(findings, "Growth")
    return (
        BUDGET_LIMIT.filled(_amounts(budgets, "limit")),
        BUDGET_SPENT.filled(_amounts(budgets, "spent")),
        BUDGET_SPENT_RATIO.filled(_measures(budgets, "spent")),
        BUDGET_PACE_RATIO.filled(_measures(budgets, "pace")),
        BUDGET_FORECAST.filled(_amounts(budgets, "forecast")),
        BUDGET_FORECAST_LOW.filled(_amounts(budgets, "forecast_low")),
        BUDGET_FORECAST_HIGH.filled(_amounts(budgets, "forecast_high")),
        BUDGET_FORECAST_RATIO.filled(_measures(budgets, "forecast")),
        BUDGET_EXHAUSTS.filled(_exhausts(budgets)),
        ALLOCATION_RATIO.filled(_measures(_of_kind(findings, "Allocation"), "allocated")),
        COMMITMENT_UTILISATION_RATIO.filled(_measures(_of_kind(findings, "Commitment"), "utilisation")),
        COMMITMENT_COVERAGE_RATIO.filled(_measures(_of_kind(findings, "Commitment"), "coverage")),
        EMISSIONS.filled(_measures(_of_kind(findings, "Carbon"), "emissions")),
        UNIT_COST.filled(_unit_costs(_of_kind(findings, "UnitCost"))),
        COST_GROWTH.filled(_against_demand(growths, "cost_growth")),
        DEMAND_GROWTH.filled(_against_demand(growths, "demand_growth")),
        ELASTICITY.filled(_against_demand(growths, "elasticity")),
        ELASTICITY_LOW.filled(_against_demand(growths, "elasticity_low")),
        ELASTICITY_HIGH.filled(_against_demand(growths, "elasticity_high")),
        ANOMALY_SCORE.filled(_measures(_of_kind(findings, "Anomaly"), "score")),
        POLICY_STATE.filled(_states(findings)),
    )


def _of_kind(findings: Sequence[Finding], kind: str) -> list[Finding]:
    return [finding for finding in findings if finding.kind == kind]


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.policy, finding.owner, finding.group_label


def _amounts(findings: Iterable[Finding], name: str) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        money = finding.amount.get(name)
        if money is not None:
            yield (*_place(finding), money.currency), float(money.amount)


def _measures(findings: Iterable[Finding], name: str) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        value = finding.measures.get(name)
        if value is not None:
            yield _place(finding), value


def _exhausts(findings: Iterable[Finding]) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        hours = finding.measures.get("exhausts_in")
        if hours is not None:
            yield _place(finding), round(finding.as_of.timestamp() + hours * 3600)


def _against_demand(findings: Iterable[Finding], name: str) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        value = finding.measures.get(name)
        if value is not None:
            yield (*_place(finding), finding.demand), value


def _unit_costs(findings: Iterable[Finding]) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        money = finding.amount.get("unit_cost")
        if money is not None:
            yield (*_place(finding), finding.demand, money.currency), float(money.amount)


def _states(findings: Iterable[Finding]) -> Iterator[tuple[tuple[str, ...], float]]:
    for finding in findings:
        holds = (finding.severity.value if finding.severity and finding.state is State.FIRING else "", finding.state)
        for severity, state in _STATES:
            labels = (finding.policy, finding.kind, finding.owner, finding.group_label, severity, state.value)
            yield labels, float((severity, state) == holds)
