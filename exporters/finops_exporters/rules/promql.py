"""Expressions that stay right with two replicas and through a restart."""

from __future__ import annotations

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
