"""One measure of one group, ready to be held against a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Literal

from finops.model.mass import Mass
from finops.model.money import EXACT, Money
from finops.model.unit import Unit
from finops.model.wording import amount_text, duration_text, number_text, share_text
from finops.policy.when import COMPARE, Alert, threshold_text

Certain = Literal["above", "below", "always"]
"""Where rows are missing: a value that can only rise is certain above a threshold, one that can only fall below it."""

SIGNIFICANT_DIGITS = 6
"""What statistics say is rounded to this: their last bits differ from one processor to the next."""


NEVER = timedelta.max
"""The duration of what does not happen within its period: longer than any threshold, shown as ``∞``."""


def significant(value: float) -> float:
    """``value`` half-even at six significant digits; infinities stay."""
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}") if math.isfinite(value) else value


@dataclass(frozen=True, slots=True)
class Reading:
    """One of: ``amount`` (alone, or of ``base``: a share); ``number`` (a ratio or a plain number); ``duration``;
    ``mass``; or why the measure is ``unknown``.

    Bounds make an interval: ``low_amount``/``high_amount`` around ``amount``, ``low``/``high`` around ``number``,
    ``low_duration``/``high_duration`` around ``duration`` (each can be ``NEVER``). An upward alert then fires on the
    lower bound, a downward one on the upper bound. Build numbers that come from statistics by ``estimate``.

    ``detail`` is what stands behind the colon of a reason. ``too_early``: unknown by the calendar or because
    nobody could tell from such numbers, nothing is missing; another measure may then speak for the verdict.
    """

    certain: Certain = "always"
    amount: Money | None = None
    base: Money | None = None
    duration: timedelta | None = None
    detail: str = ""
    unknown: str = ""
    too_early: bool = False
    low_amount: Money | None = None
    high_amount: Money | None = None
    number: float | None = None
    low: float | None = None
    high: float | None = None
    mass: Mass | None = None
    low_duration: timedelta | None = None
    high_duration: timedelta | None = None

    @classmethod
    def estimate(cls, number: float, low: float, high: float, *, detail: str = "") -> Reading:
        """A number with its interval, each rounded to six significant digits."""
        return cls(number=significant(number), low=significant(low), high=significant(high), detail=detail)

    @property
    def share(self) -> Decimal | None:
        """``amount`` ÷ ``base``; None without a base, or where it is zero."""
        return self.share_of(self.amount)

    def meets(self, alert: Alert) -> bool:
        """By the bound that must pass. Exact: a share is compared by its products, so a base of zero needs no
        division."""
        return self._compare(alert, bound=True)

    def seems_to_meet(self, alert: Alert) -> bool:
        """By the middle value alone, whatever the interval."""
        return self._compare(alert, bound=False)

    def certain_from(self, alert: Alert) -> str:
        """About what value would be certain at this noise; empty where the measure has no interval of numbers."""
        edge = self.low if alert.upward else self.high
        if self.number is None or edge is None or not isinstance(alert.threshold, Decimal):
            return ""
        return _number_text(significant(float(alert.threshold) + self.number - edge), alert)

    def value(self, alert: Alert) -> float | None:
        """The middle value in the unit of the alert: a share or number, an amount, hours, grams."""
        if self.unknown:
            return None
        if alert.unit is Unit.DURATION:
            return self.duration / _HOUR if self.duration not in (None, NEVER) else None
        if alert.unit is Unit.MASS:
            return float(self.mass.grams) if self.mass is not None else None
        if alert.unit is Unit.AMOUNT:
            return float(self.amount.amount) if self.amount is not None else None
        if self.number is not None:
            return self.number
        return float(self.share) if self.share is not None else None

    def text(self, alert: Alert) -> str:
        """The value as people read it, with its interval in brackets where it has one."""
        if alert.unit is Unit.DURATION:
            durations = (self.duration, self.low_duration, self.high_duration)
            return _in_brackets([_duration_text(bound) for bound in durations if bound is not None])
        if alert.unit is Unit.MASS:
            return str(self.mass)
        if alert.unit is Unit.AMOUNT:
            return self._interval_text([self.amount, self.low_amount, self.high_amount])
        if self.number is None:
            bounds = [self.share_of(bound) for bound in (self.low_amount, self.high_amount) if bound is not None]
            return _in_brackets([share_text(self.share, unlike=threshold_text(alert)), *map(share_text, bounds)])
        return _in_brackets(
            [_number_text(bound, alert) for bound in (self.number, self.low, self.high) if bound is not None]
        )

    def _interval_text(self, amounts: list[Money | None]) -> str:
        return _in_brackets([amount_text(money.amount, money.currency) for money in amounts if money is not None])

    def share_of(self, amount: Money | None) -> Decimal | None:
        """``amount`` ÷ ``base``; None without one of them, or where the base is zero."""
        if amount is None or self.base is None or not self.base.amount:
            return None
        with localcontext(EXACT):
            return amount.amount / self.base.amount

    def _compare(self, alert: Alert, *, bound: bool) -> bool:
        compare, threshold = COMPARE[alert.comparison], alert.threshold
        with localcontext(EXACT):
            if isinstance(threshold, timedelta):
                assert self.duration is not None  # noqa: S101 - units were checked when the file was read
                edge_duration = (self.low_duration if alert.upward else self.high_duration) if bound else None
                duration = edge_duration if edge_duration is not None else self.duration
                return compare(Decimal(duration // _SECOND), Decimal(threshold // _SECOND))
            if isinstance(threshold, Mass):
                assert self.mass is not None  # noqa: S101 - as above
                return compare(self.mass.grams, threshold.grams)
            amount, number = self.amount, self.number
            if bound:
                amount = (self.low_amount if alert.upward else self.high_amount) or amount
                edge = self.low if alert.upward else self.high
                number = edge if edge is not None else number
            if isinstance(threshold, Decimal) and number is not None:
                return compare(Decimal(repr(number)), threshold)
            assert amount is not None  # noqa: S101 - as above
            if isinstance(threshold, Money):
                return compare(amount.amount, threshold.amount)
            assert self.base is not None  # noqa: S101 - as above
            return compare(amount.amount, threshold * self.base.amount)


_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


def _duration_text(duration: timedelta) -> str:
    return "∞" if duration == NEVER else duration_text(duration)


def _number_text(number: float, alert: Alert) -> str:
    if not math.isfinite(number):
        return "∞" if number > 0 else "-∞"
    exact, unlike = Decimal(repr(number)), threshold_text(alert)
    if alert.unit is Unit.SHARE:
        return share_text(exact, unlike=unlike)
    return number_text(exact, unlike=unlike)


def _in_brackets(texts: list[str]) -> str:
    """``1.46 (1.31 to 1.62)``; without bounds, or where they read the same, the first alone."""
    first, *bounds = texts
    return f"{first} ({' to '.join(bounds)})" if set(bounds) - {first} else first
