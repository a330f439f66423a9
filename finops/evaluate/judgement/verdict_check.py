"""Whether a kind returned a verdict that everything behind it can store, publish and draw."""

from __future__ import annotations

from datetime import date
from math import isfinite

from finops.evaluate.judgement.kind import ComparedDays, Verdict
from finops.model.finding import Severity, State
from finops.model.kind_profile import KindProfile
from finops.model.money import Money
from finops.model.period import Period
from finops.model.unit import Unit


def checked(verdict: object, profile: KindProfile) -> Verdict:
    """``verdict``. Raises ``TypeError`` or ``ValueError`` for what is none: kinds of other distributions are checked by
    nothing else."""
    if not isinstance(verdict, Verdict):
        raise TypeError("no Verdict")
    if not isinstance(verdict.state, State) or (verdict.state is State.FIRING) != isinstance(
        verdict.severity, Severity
    ):
        raise ValueError("a state, and a severity where it fires")
    texts = verdict.reason, verdict.measure, verdict.currency, verdict.demand, *verdict.notes
    if not all(isinstance(text, str) for text in texts) or not isinstance(verdict.period, Period):
        raise TypeError("texts and a period")
    if verdict.measure and verdict.measure not in profile.measures:
        raise ValueError("a measure that the profile does not declare")
    if verdict.unit is not None and not isinstance(verdict.unit, Unit):
        raise TypeError("a unit")
    numbers = verdict.value, verdict.limit, *verdict.measures.values()
    if not all(number is None or isfinite(number) for number in numbers):
        raise ValueError("a number that is not finite")
    for money in verdict.amount.values():
        if not isinstance(money, Money) or money.currency != verdict.currency or not money.amount.is_finite():
            raise ValueError("an amount that is not one in the currency of the verdict")
    if verdict.compared is not None:
        _check_days(verdict.compared)
    return verdict


def _check_days(compared: ComparedDays) -> None:
    kinds = {*map(type, compared.before), *map(type, compared.after)}
    if not all(issubclass(kind, date) for kind in kinds):
        raise TypeError("days that are compared")
    if not isfinite(compared.demand_growth or 0):
        raise ValueError("a growth that is not finite")
