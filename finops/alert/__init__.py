"""Findings -> alerts -> notices: state machine, outbox, delivery."""

from finops.alert.apply import Application, apply
from finops.alert.attempts import Backoff
from finops.alert.decide import decide, decide_gone, decide_over, decide_unknown
from finops.alert.decision import Decision
from finops.alert.deliver import Attempt, Deliverer, DeliveryReport
from finops.alert.transition import transition
from finops.alert.trial import trial_notice

__all__ = [
    "Application",
    "Attempt",
    "Backoff",
    "Decision",
    "Deliverer",
    "DeliveryReport",
    "apply",
    "decide",
    "decide_gone",
    "decide_over",
    "decide_unknown",
    "transition",
    "trial_notice",
]
