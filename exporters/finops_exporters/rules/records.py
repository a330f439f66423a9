"""What dashboards and alerts read: sums of costs, and the verdicts that fire, each once whatever the replicas."""

from __future__ import annotations

from finops_exporters.rules.rule import Group, Recording

REPLICA = "instance, pod, node"
"""Labels that tell replicas of one installation apart. ``job`` and ``namespace`` tell installations apart."""

KEY = "job, namespace, policy, owner, group"
"""One verdict of one installation."""

BRIDGED = "15m"
"""How long the last value holds while nothing can be scraped: a restart must not resolve an alert and fire it again."""


def one(selector: str) -> str:
    """Every replica shows the same; this is one of them, and two scraped pages are not twice the money."""
    return f"max without ({REPLICA}) ({selector})"


def held(selector: str) -> str:
    """As ``one``, and through a restart. Not for costs: a series that was renamed would count under both names."""
    return one(f"last_over_time({selector}[{BRIDGED}])")


DAY_SUM = "provider_service_team:finops_cost_day_amount:sum"
MONTH_SUM = "provider_service_team:finops_cost_month_to_date_amount:sum"
FIRING = "policy:finops_policy_firing:max"
UNKNOWN = "policy:finops_policy_unknown:max"

_SUMMED = "job, namespace, provider, service, team, cost, currency"
"""``team`` is the dimension of finops.yaml; without one the label is empty, and the sums hold all the same."""


def _sum(metric: str) -> str:
    return f"sum by ({_SUMMED}) ({one(metric)})"


def _state(state: str) -> str:
    """1 for each verdict in that state, nothing for the others; ``severity`` stays, ``state`` is in the name."""
    series = held(f'finops_policy_state{{state="{state}"}}').replace(f"({REPLICA})", f"({REPLICA}, state)")
    return f"{series} == 1"


RECORDS = Group(
    "finops-records",
    (
        Recording(DAY_SUM, _sum("finops_cost_day_amount")),
        Recording(MONTH_SUM, _sum("finops_cost_month_to_date_amount")),
        Recording(FIRING, _state("firing")),
        Recording(UNKNOWN, _state("unknown")),
    ),
)
