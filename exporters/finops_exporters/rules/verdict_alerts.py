"""Alerts on verdicts. The policy file is the judge; a rule says only which of its measures is to blame.

So a threshold stands in one place, exceptions and minimums hold here too, and each verdict has one alert at a time.
"""

from __future__ import annotations

from dataclasses import replace

from finops_exporters.rules.promql import KEY, held
from finops_exporters.rules.records import FIRING, UNKNOWN
from finops_exporters.rules.rule import Alerting, Group

_FOR = "10m"
"""Longer than a scrape and a change of leader, shorter than the hour between two evaluations."""

_BUDGET = f'{FIRING}{{kind="Budget"}}'
_SPENT = f"{held('finops_budget_spent_ratio')} >= 1"
_FORECAST = f"{held('finops_budget_forecast_amount_low')} / {held('finops_budget_limit_amount')} > 1"
_PACE = f"{held('finops_budget_pace_ratio')} > 1"
_WHOSE = "{{ $labels.policy }}{{ with $labels.group }} ({{ . }}){{ end }} of {{ $labels.owner }}"
_OWN_RULE = "Budget|Growth|UnitCost|Anomaly"


def _budget(measure: str, *but: str) -> str:
    """The verdict's labels, and the measure as value; nothing where one of ``but`` holds, which says more."""
    expr = f"{_BUDGET}\n* on ({KEY}) group_left ()\n({measure})"
    return "\n".join((expr, *(f"unless on ({KEY}) ({worse})" for worse in but)))


_ALERTS = (
    Alerting(
        "FinopsBudgetSpent",
        _budget(_SPENT),
        _FOR,
        f"The budget {_WHOSE} is spent: {{{{ $value | humanizePercentage }}}}",
        "What was allowed for the whole period is gone.",
    ),
    Alerting(
        "FinopsBudgetForecast",
        _budget(_FORECAST, _SPENT),
        _FOR,
        f"The budget {_WHOSE} will not do: at least {{{{ $value | humanizePercentage }}}} by the end of its period",
        "Even the lower end of the forecast is above what is allowed.",
    ),
    Alerting(
        "FinopsBudgetPace",
        _budget(_PACE, _SPENT, _FORECAST),
        _FOR,
        f"The budget {_WHOSE} is spent too fast: {{{{ $value | humanizePercentage }}}} of what is due by now",
        "Settled days cost more than the share of the budget that is due by now.",
    ),
    Alerting(
        "FinopsBudgetNearLimit",
        "\n".join((_BUDGET, *(f"unless on ({KEY}) ({worse})" for worse in (_SPENT, _FORECAST, _PACE)))),
        _FOR,
        f"The budget {_WHOSE} comes near its limit",
        "It is neither spent nor too fast; a threshold of its policy is passed.",
    ),
    Alerting(
        "FinopsGrowth",
        f'{FIRING}{{kind="Growth"}}',
        _FOR,
        f"Cost grows faster than demand: {_WHOSE}",
        "Its policy holds growth of cost against growth of demand, with an interval; noise alone does not fire.",
    ),
    Alerting(
        "FinopsUnitCost",
        f'{FIRING}{{kind="UnitCost"}}',
        _FOR,
        f"A unit of demand costs too much: {_WHOSE}",
        "Cost divided by demand is above its line, or rose by more than allowed.",
    ),
    Alerting(
        "FinopsAnomaly",
        f'{FIRING}{{kind="Anomaly"}}',
        _FOR,
        f"A day costs more than its past lets expect: {_WHOSE}",
        "It ends by itself when the day leaves the policy's window.",
    ),
    Alerting(
        "FinopsPolicyFiring",
        f'{FIRING}{{kind!~"{_OWN_RULE}"}}',
        _FOR,
        f"The policy {_WHOSE} fires",
        "A policy of kind {{ $labels.kind }}; budgets, growth, unit costs and anomalies have alerts of their own.",
    ),
    Alerting(
        "FinopsPolicyUnknown",
        UNKNOWN,
        "6h",
        f"The policy {_WHOSE} cannot be judged",
        "Data, demand, history or a rate is missing. Unknown is not ok: nobody watches this spend now.",
        severity="warning",
    ),
)

VERDICT_ALERTS = Group(
    "finops-verdicts", tuple(replace(alert, page="policies/{{ $labels.policy }}") for alert in _ALERTS)
)
"""A policy's name has no character that an address would have to encode."""
