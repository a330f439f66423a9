"""Numbers as people read them in a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from finops.evaluate.when import Threshold
from finops.model.finding import Group
from finops.model.money import EXACT, Money

NO_VALUE = "(none)"


def amount_text(amount: Decimal, currency: str) -> str:
    """``9,500.00 EUR``; below a cent two significant digits: ``0.0004 EUR``."""
    digits = 2
    if amount and abs(amount) < Decimal("0.01"):
        digits = 1 - amount.adjusted()
    shown = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=EXACT)
    return f"{shown:,f} {currency}"


def exact_text(amount: Decimal, currency: str) -> str:
    """Every digit that counts, and at least two behind the point: ``9500.00 EUR``, ``6580.645161290322581 EUR``."""
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')} {currency}"


def share_text(share: Decimal | None, *, unlike: str = "") -> str:
    """``129 %``, with as many digits (up to 4) as it takes to differ from ``unlike``; None is beyond measure."""
    if share is None:
        return "∞ %"
    text = ""
    for digits in range(5):
        rounded = (share * 100).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=EXACT)
        text = f"{rounded:,f} %"
        if text != unlike:
            break
    return text


def duration_text(duration: timedelta) -> str:
    """``50 h``, or ``50.5 h``."""
    hours = Decimal(int(duration.total_seconds())) / 3600
    return f"{hours.quantize(Decimal('0.1')).normalize():f} h"


def threshold_text(threshold: Threshold) -> str:
    if isinstance(threshold, Money):
        return amount_text(threshold.amount, threshold.currency)
    if isinstance(threshold, timedelta):
        return duration_text(threshold)
    return f"{(threshold * 100).normalize():f} %"


def moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def group_text(group: Group) -> str:
    """``environment=prod, team=(none)``."""
    return ", ".join(f"{key}={group[key] or NO_VALUE}" for key in sorted(group))
