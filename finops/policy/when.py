"""``when: pace > 110%``: a measure, a comparison, a threshold with its unit."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from finops.documents import did_you_mean
from finops.model.finding import Severity
from finops.model.kind_profile import Measure
from finops.model.mass import Mass
from finops.model.money import Money
from finops.model.unit import Unit
from finops.model.wording import amount_text, duration_text

Threshold = Decimal | Money | timedelta | Mass
"""A share (0.8 for 80 %) or a plain number, an amount, a duration, a mass."""

_PARTS = re.compile(r"\s*(?P<measure>[A-Za-z_]\w*)\s*(?P<operator>[^\w\s%.+-]+)?\s*(?P<threshold>.*?)\s*", re.DOTALL)
_SHARE = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*%")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DURATION = re.compile(r"(?P<number>\d+)\s*(?P<unit>[mhd])")
_SHARE_OF_ONE = 2
"""A bare number up to this is taken for a share of one, a larger one for percent."""
_MINUTES = {"m": 1, "h": 60, "d": 1440}
COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OPPOSITE = {">": "≤", ">=": "<", "<": "≥", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Alert:
    """Fires with ``severity`` when ``measure`` ``comparison`` ``threshold`` (in ``unit``) holds.

    ``threshold_offset``: where the threshold stands in the ``when``.
    """

    measure: str
    comparison: str
    threshold: Threshold
    severity: Severity
    unit: Unit
    threshold_offset: int = 0

    @property
    def upward(self) -> bool:
        return self.comparison.startswith(">")


def threshold_text(alert: Alert) -> str:
    """The threshold of an alert with its unit."""
    threshold = alert.threshold
    if isinstance(threshold, Money):
        return amount_text(threshold.amount, threshold.currency)
    if isinstance(threshold, timedelta):
        return duration_text(threshold)
    if isinstance(threshold, Mass):
        return str(threshold)
    return f"{threshold.normalize():f}" if alert.unit is Unit.NUMBER else f"{(threshold * 100).normalize():f} %"


class WhenFault(Exception):
    """``offset`` counts characters of the ``when`` from 0."""

    def __init__(self, offset: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint


def parse_when(text: str, severity: Severity, measures: Mapping[str, Measure]) -> Alert:
    """An alert over one of ``measures`` (each knows the units it can be compared with). Raises ``WhenFault``."""
    match = _PARTS.fullmatch(text)
    if match is None:
        raise WhenFault(0, f"'{text}' is not a comparison", _like(measures))
    measure, comparison = match["measure"], match["operator"] or ""
    if measure not in measures:
        raise WhenFault(match.start("measure"), f"unknown measure '{measure}'", did_you_mean(measure, measures))
    if comparison not in COMPARE:
        offset = match.start("operator") if match["operator"] else match.end("measure")
        shown = f"'{comparison}' is not a comparison" if comparison else f"no comparison after '{measure}'"
        raise WhenFault(offset, shown, "Write one of > >= < <=")
    units = measures[measure].units
    found = parse_threshold(match["threshold"])
    if found is None or found[0] not in units:
        if Unit.SHARE in units and _NUMBER.fullmatch(match["threshold"]):
            number = Decimal(match["threshold"])
            percent = f"{number if abs(number) > _SHARE_OF_ONE else number * 100:f}"  # 0.9 and 1.1 are shares of one
            hint = f"Write a share with its sign: '{measure} {comparison} {percent}%'"
            raise WhenFault(match.start("threshold"), f"'{match['threshold']}' has no unit", hint)
        examples = " or ".join(f"'{measure} {comparison} {unit.example}'" for unit in Unit if unit in units)
        shown = match["threshold"] or "nothing"
        raise WhenFault(match.start("threshold"), f"{measure} cannot be compared with {shown}", f"Write {examples}")
    unit, threshold = found
    return Alert(measure, comparison, threshold, severity, unit, match.start("threshold"))


def parse_threshold(text: str) -> tuple[Unit, Threshold] | None:
    """``80%``, ``1.2``, ``500 EUR``, ``36h`` or ``500 kg`` with its unit; None for anything else."""
    if share := _SHARE.fullmatch(text):
        return Unit.SHARE, Decimal(share["number"]) / 100
    if _NUMBER.fullmatch(text):
        return Unit.NUMBER, Decimal(text)
    if duration := _DURATION.fullmatch(text):
        return Unit.DURATION, timedelta(minutes=int(duration["number"]) * _MINUTES[duration["unit"]])
    for unit, parse in ((Unit.MASS, Mass.parse), (Unit.AMOUNT, Money.parse)):
        try:
            return unit, parse(text)
        except ValueError:
            continue
    return None


def _like(measures: Mapping[str, Measure]) -> str:
    measure = next(iter(sorted(measures)))
    unit = next(unit for unit in Unit if unit in measures[measure].units)
    return f"Write it like '{measure} > {unit.example}'"
