"""Numbers as people read them in a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from finops.model.finding import Group
from finops.model.money import EXACT, format_amount, plain

NO_VALUE = "(none)"
NAMED_DAYS = 5
"""More days than this are counted, not listed."""


def amount_text(amount: Decimal, currency: str) -> str:
    """``9,500.00 EUR``; below one up to three significant digits: ``0.0603 EUR``, ``0.50 EUR``, ``0.0004 EUR``."""
    return f"{format_amount(amount, currency, significant=3)} {currency}"


def change_text(amount: Decimal, currency: str) -> str:
    """``+1,200.00 EUR``, ``-3.50 EUR``."""
    return f"{format_amount(amount, currency, significant=3, plus=True)} {currency}"


def count_text(number: int, noun: str, plural: str = "") -> str:
    """``1 source``, ``1,200 sources``, ``2 policies``: English knows one form for 1 and one for all else (CLDR)."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def exact_text(amount: Decimal, currency: str) -> str:
    """Every digit that counts: ``9500.00 EUR``, ``6580.645161290322581 EUR``, ``9500 JPY``."""
    return f"{plain(amount, currency)} {currency}"


LARGEST_SHARE = 100
"""A share above this is of next to nothing: how large it is says nothing."""


def share_text(share: Decimal | None, *, unlike: str = "") -> str:
    """``129 %``, with as many digits (up to 4) as it takes to differ from ``unlike``; None is beyond measure."""
    if share is None:
        return "∞ %"
    if abs(share) > LARGEST_SHARE:
        return f"over {LARGEST_SHARE * 100:,} %" if share > 0 else f"under -{LARGEST_SHARE * 100:,} %"
    text = ""
    for digits in range(5):
        rounded = (share * 100).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=EXACT)
        text = f"{rounded:,f} %"
        if text != unlike:
            break
    return text


_LONG = timedelta(days=14)


def duration_text(duration: timedelta) -> str:
    """``50 h``, or ``50.5 h``; whole days from two weeks on: ``60 d``."""
    if duration >= _LONG and not duration % timedelta(days=1):
        return f"{duration.days} d"
    hours = Decimal(int(duration.total_seconds())) / 3600
    return f"{hours.quantize(Decimal('0.1')).normalize():f} h"


def number_text(number: Decimal, *, unlike: str = "") -> str:
    """``1.46``: at least two digits behind the point, as many (up to 6) as it takes to differ from ``unlike``."""
    text = ""
    for digits in range(2, 7):
        text = f"{number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=EXACT):,f}"
        if text != unlike and (not unlike or Decimal(text.replace(",", "")) != Decimal(unlike.replace(",", ""))):
            break
    return text


def moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def group_text(group: Group) -> str:
    """``environment=prod, team=(none)``."""
    return ", ".join(f"{key}={group[key] or NO_VALUE}" for key in sorted(group))


def days_text(days: Sequence[date]) -> str:
    """``2026-03-01, 2026-03-05``; of many the first few and how many more."""
    shown = ", ".join(day.isoformat() for day in days[:NAMED_DAYS])
    more = len(days) - NAMED_DAYS
    return f"{shown} and {more} more days" if more > 0 else shown


def growth_text(growth: float) -> str:
    """``+12.3 %``, ``-4.0 %``."""
    return f"{growth * 100:+,.1f} %"
