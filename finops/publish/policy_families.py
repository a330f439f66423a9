"""Findings -> the families of each kind and of policy states."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from finops.model.family import Family, text_column
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

_STATES = sorted((("", State.OK), ("", State.UNKNOWN), *((severity.value, State.FIRING) for severity in Severity)))
_LABELS = ("policy", "owner", "group")


def policy_families(findings: Sequence[Finding]) -> tuple[Family, ...]:
    """What could not be computed has no series; its verdict is ``unknown`` in ``finops_policy_state``."""
    budgets, growths, commitments = (_Findings(findings, kind) for kind in ("Budget", "Growth", "Commitment"))
    return (
        budgets.amounts(BUDGET_LIMIT, "limit"),
        budgets.amounts(BUDGET_SPENT, "spent"),
        budgets.measures(BUDGET_SPENT_RATIO, "spent"),
        budgets.measures(BUDGET_PACE_RATIO, "pace"),
        budgets.amounts(BUDGET_FORECAST, "forecast"),
        budgets.amounts(BUDGET_FORECAST_LOW, "forecast_low"),
        budgets.amounts(BUDGET_FORECAST_HIGH, "forecast_high"),
        budgets.measures(BUDGET_FORECAST_RATIO, "forecast"),
        budgets.family(BUDGET_EXHAUSTS, _exhausts),
        _Findings(findings, "Allocation").measures(ALLOCATION_RATIO, "allocated"),
        commitments.measures(COMMITMENT_UTILISATION_RATIO, "utilisation"),
        commitments.measures(COMMITMENT_COVERAGE_RATIO, "coverage"),
        _Findings(findings, "Carbon").measures(EMISSIONS, "emissions"),
        _Findings(findings, "UnitCost").amounts(UNIT_COST, "unit_cost", _demand),
        growths.measures(COST_GROWTH, "cost_growth", _demand),
        growths.measures(DEMAND_GROWTH, "demand_growth", _demand),
        growths.measures(ELASTICITY, "elasticity", _demand),
        growths.measures(ELASTICITY_LOW, "elasticity_low", _demand),
        growths.measures(ELASTICITY_HIGH, "elasticity_high", _demand),
        _Findings(findings, "Anomaly").measures(ANOMALY_SCORE, "score"),
        _Findings(findings).states(),
    )


class _Findings:
    """Findings of one kind (of all where none is named), in the order of the labels that all their families share."""

    def __init__(self, findings: Sequence[Finding], kind: str | None = None) -> None:
        own = [finding for finding in findings if kind is None or finding.kind == kind]
        labels = ([one.policy for one in own], [one.owner for one in own], [one.group_label for one in own])
        places = pl.DataFrame(
            [text_column(values).alias(name) for name, values in zip(_LABELS, labels, strict=True)]
        ).with_row_index("at")
        places = places.sort(*_LABELS, "at")
        self._places = places.select(_LABELS)
        self._findings = [own[at] for at in places["at"].to_list()]
        self._alike = bool(self._places.is_duplicated().any())
        """Whether two groups have the same labels: values from tags can collide once they are joined."""

    def family(
        self, family: Family, value: Callable[[Finding], float | None], *further: Callable[[Finding], str]
    ) -> Family:
        """``further``: the values of labels behind policy, owner and group. A finding whose value is None has no
        series; of two with the same labels the first stands."""
        found = [value(finding) for finding in self._findings]
        values = pl.Series("value", found, dtype=pl.Float64)
        there = values.is_not_null()
        with_value = [one for one, number in zip(self._findings, found, strict=True) if number is not None]
        columns = [text_column([label(one) for one in with_value]) for label in further]
        series = self._places.filter(there).with_columns(
            *(column.alias(f"further {nth}") for nth, column in enumerate(columns)), values.filter(there)
        )
        if self._alike:
            names = [name for name in series.columns if name != "value"]
            series = series.unique(names, keep="first", maintain_order=True).sort(names)
        *labels, numbers = series.get_columns()
        return family.with_columns(labels, numbers)

    def amounts(self, family: Family, name: str, *further: Callable[[Finding], str]) -> Family:
        """``family``, whose last label is the currency."""

        def value(finding: Finding) -> float | None:
            money = finding.amount.get(name)
            return None if money is None else float(money.amount)

        return self.family(family, value, *further, lambda finding: finding.amount[name].currency)

    def measures(self, family: Family, name: str, *further: Callable[[Finding], str]) -> Family:
        return self.family(family, lambda finding: finding.measures.get(name), *further)

    def states(self) -> Family:
        """A series for each state that a finding can have: 1 for the one that it has."""
        place = {state: nth for nth, state in enumerate(_STATES)}
        series = self._places.with_columns(
            text_column([finding.kind for finding in self._findings]).alias("kind"),
            pl.Series("holds", [place[_state(finding)] for finding in self._findings], dtype=pl.Int64),
        )
        if self._alike:
            series = series.unique(("policy", "kind", "owner", "group"), keep="first", maintain_order=True)
        states = pl.DataFrame(_STATES, schema={"severity": pl.String, "state": pl.String}, orient="row")
        every = series.join(states.with_row_index("nth"), how="cross", maintain_order="left_right")
        *labels, values = every.select(
            *POLICY_STATE.labels, (pl.col("nth") == pl.col("holds")).cast(pl.Float64).alias("value")
        ).get_columns()
        return POLICY_STATE.with_columns(labels, values)


def _state(finding: Finding) -> tuple[str, State]:
    return (finding.severity.value if finding.severity and finding.state is State.FIRING else "", finding.state)


def _demand(finding: Finding) -> str:
    return finding.demand


def _exhausts(finding: Finding) -> float | None:
    hours = finding.measures.get("exhausts_in")
    return None if hours is None else round(finding.as_of.timestamp() + hours * 3600)
