"""``1.29 ± 0.01``: a number that a finding should have, and how far off it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext

from finops.errors import InvalidValue
from finops.model.mass import Mass
from finops.model.money import EXACT, Money
from finops.model.unit import Unit
from finops.policy.when import Threshold, parse_threshold

_PARTS = re.compile(r"\s*(?P<value>.*?)\s*(?:(?:±|\+/?-)\s*(?P<tolerance>.*?)\s*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ExpectedValue:
    """``low`` to ``high``, both included, in the unit of a finding: a share is 1.29, a duration hours, a mass grams.

    ``text``: as written. ``currency``: of an amount, else empty. None for both ends: there must be no number.
    """

    text: str
    low: Decimal | None
    high: Decimal | None
    currency: str = ""

    def holds(self, found: Decimal | float | None, currency: str = "") -> bool:
        """Whether ``found`` (in ``currency``, where it is an amount) is meant."""
        if found is None or self.low is None or self.high is None:
            return found is None and self.low is None
        if self.currency and currency and self.currency != currency:
            return False
        exact = found if isinstance(found, Decimal) else Decimal(repr(found))
        return self.low <= exact <= self.high


def parse_expected(value: object) -> ExpectedValue:
    """``1.29 ± 0.01``, ``129 % ± 1 %``, ``9500 EUR``, ``50h ± 1h``, ``500 kg``; None: no number.

    Without a tolerance an amount, a duration and a mass are exact, and a number holds to the digits that are written.
    Raises ``InvalidValue``.
    """
    if value is None:
        return ExpectedValue("nothing", None, None)
    text = str(value)
    match = _PARTS.fullmatch(text)
    written = match["value"] if match else text
    middle = parse_threshold(written)
    tolerance = parse_threshold(match["tolerance"]) if match and match["tolerance"] is not None else None
    if middle is None or (match and match["tolerance"] is not None and tolerance is None):
        raise InvalidValue(f"'{text}' is not a valid number", "Write it like 1.29 ± 0.01, 129 % ± 1 % or 9500 EUR")
    unit, threshold = middle
    with localcontext(EXACT):
        number = _in_unit_of_findings(threshold)
        if tolerance is None:
            around = _half_a_digit(written, unit)
        else:
            around = _in_unit_of_findings(tolerance[1])
            # the tolerance of an amount may leave its currency out
            if tolerance[0] not in (unit, Unit.NUMBER) or (unit is Unit.SHARE and tolerance[0] is Unit.NUMBER):
                raise InvalidValue(f"'{text}' mixes two units", "Write both numbers in one unit, like 129 % ± 1 %")
            if isinstance(threshold, Money) and isinstance(tolerance[1], Money):
                _one_currency(threshold, tolerance[1], text)
        currency = threshold.currency if isinstance(threshold, Money) else ""
        return ExpectedValue(text, number - abs(around), number + abs(around), currency)


def _one_currency(amount: Money, tolerance: Money, text: str) -> None:
    if amount.currency != tolerance.currency:
        raise InvalidValue(f"'{text}' has two currencies", f"Write both amounts in {amount.currency}")


def _in_unit_of_findings(threshold: Threshold) -> Decimal:
    if isinstance(threshold, timedelta):
        return Decimal(int(threshold.total_seconds())) / 3600
    if isinstance(threshold, Mass):
        return threshold.grams
    return threshold.amount if isinstance(threshold, Money) else threshold


def _half_a_digit(written: str, unit: Unit) -> Decimal:
    """Half a unit of the last digit that was written; nothing for what is exact (hours of a finding are a float)."""
    if unit not in (Unit.NUMBER, Unit.SHARE):
        return Decimal("1e-9") if unit is Unit.DURATION else Decimal(0)
    _, _, fraction = written.rstrip("% ").partition(".")
    half = Decimal("0.5").scaleb(-len(fraction))
    return half / 100 if unit is Unit.SHARE else half
