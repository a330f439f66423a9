"""Expressions of the panels: each figure once, whatever the replicas, and only what the variables choose."""

from __future__ import annotations

from collections.abc import Iterable

from finops_exporters.rules.records import DAY_SUM, MONTH_SUM, one

_HERE = 'job=~"$job"'
_CHOSEN_COSTS = f'{_HERE},provider=~"$provider",team=~"$team",cost="$cost"'
_CHOSEN_POLICIES = f'{_HERE},policy=~"$policy"'


def day_cost(by: str) -> str:
    """Cost of the latest settled day, added up from the recorded sums."""
    return f"sum by ({by}) ({DAY_SUM}{{{_CHOSEN_COSTS}}})"


def month_cost(by: str) -> str:
    """Cost since the month began, added up from the recorded sums."""
    return f"sum by ({by}) ({MONTH_SUM}{{{_CHOSEN_COSTS}}})"


def month_forecast(end: str = "") -> str:
    """What the month comes to, for each combination of dimensions; ``end``: ``_low`` or ``_high`` of the interval."""
    return f'max without (instance, job) (finops_cost_forecast_amount{end}{{{_HERE},team=~"$team"}})'


def verdict(metric: str, by: str = "policy, group", matchers: str = "") -> str:
    """A figure of each chosen policy and group."""
    chosen = f"{_CHOSEN_POLICIES},{matchers}" if matchers else _CHOSEN_POLICIES
    return f"max by ({by}) ({metric}{{{chosen}}})"


def service(metric: str, by: str, matchers: str = "") -> str:
    """A figure of the service itself."""
    return f"max by ({by}) ({metric}{{{f'{_HERE},{matchers}' if matchers else _HERE}}})"


def kinds_variable(kinds: Iterable[str] = ()) -> str:
    """What the variable ``policy`` offers: policies of these kinds, or all."""
    matcher = f',kind=~"{found}"' if (found := "|".join(kinds)) else ""
    return f'label_values(finops_policy_state{{job=~"$job"{matcher}}}, policy)'


def by_replica(metric: str) -> str:
    return f"{metric}{{{_HERE}}}"


def risen(counter: str, by: str) -> str:
    """By how much a total rose in a day. It is kept in the state, so that every replica shows the same."""
    series = f"{counter}{{{_HERE}}}"
    return f"sum by ({by}) ({one(f'increase({series}[1d])')})"
