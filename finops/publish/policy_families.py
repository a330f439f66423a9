"""Findings -> the metric families that their kinds declare, and the states of policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import polars as pl

from finops.model.family import Family, text_column
from finops.model.finding import Finding, Severity, State
from finops.model.kind_profile import Metric, Profiles
from finops.publish.catalogue import POLICY_STATE, family_of

_STATES = sorted((("", State.OK), ("", State.UNKNOWN), *((severity.value, State.FIRING) for severity in Severity)))
_LABELS = ("policy", "owner", "group")
_SECONDS_AN_HOUR = 3600


def policy_families(findings: Sequence[Finding], profiles: Profiles) -> tuple[Family, ...]:
    """The metrics that each kind declares, then the states. What could not be computed has no series; its verdict is
    ``unknown`` in ``finops_policy_state``."""
    by_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    families = []
    for profile in profiles.in_order:
        own = _Findings(by_kind.get(profile.kind, ()))
        families += [own.metric(metric) for metric in profile.metrics]
    return (*families, _Findings(findings).states())


class _Findings:
    """Findings in the order of the labels that all their families share."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        labels = (
            [one.policy for one in findings],
            [one.owner for one in findings],
            [one.group_label for one in findings],
        )
        places = pl.DataFrame(
            [text_column(values).alias(name) for name, values in zip(_LABELS, labels, strict=True)]
        ).with_row_index("at")
        places = places.sort(*_LABELS, "at")
        self._places = places.select(_LABELS)
        self._findings = [findings[at] for at in places["at"].to_list()]
        self._alike = bool(self._places.is_duplicated().any())
        """Whether two groups have the same labels: values from tags can collide once they are joined."""

    def metric(self, metric: Metric) -> Family:
        further = ([_demand] if metric.by_demand else []) + ([_currency] if metric.amount else [])
        return self._family(family_of(metric), partial(_value, metric), *further)

    def _family(
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


def _value(metric: Metric, finding: Finding) -> float | None:
    if metric.amount:
        money = finding.amount.get(metric.amount)
        return None if money is None else float(money.amount)
    value = finding.measures.get(metric.measure)
    if value is None or not metric.from_now:
        return value
    return round(finding.as_of.timestamp() + value * _SECONDS_AN_HOUR)


def _demand(finding: Finding) -> str:
    return finding.demand


def _currency(finding: Finding) -> str:
    return finding.currency
