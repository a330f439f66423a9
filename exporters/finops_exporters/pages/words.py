"""Numbers and days as a finance person writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from finops.model.finding import Severity, State
from finops.model.money import Money
from finops.model.period import Period, month_start

_GLUE = "\u00a0"
"""Keeps a number and its unit on one line."""

STATES = {State.OK: "On track", State.UNKNOWN: "Not known"}
SEVERITIES = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Notice"}


def money(amount: Money) -> str:
    """``12,000.00 EUR``, with a proper minus sign."""
    return f"{number(amount.amount)}{_GLUE}{amount.currency}"


def number(amount: Decimal) -> str:
    """Two decimals, thousands apart, half-even; never ``-0.00``."""
    text = f"{abs(amount):,.2f}"
    return f"−{text}" if amount < 0 and text != "0.00" else text


def signed(amount: Decimal) -> str:
    """``+1,200.00``, ``−12.00``, ``0.00``."""
    text = number(amount)
    return f"+{text}" if amount > 0 and text != "0.00" else text


def signed_money(amount: Money) -> str:
    return f"{signed(amount.amount)}{_GLUE}{amount.currency}"


def percent(ratio: float) -> str:
    """``79 %``; below one percent one decimal, so that something is not shown as nothing."""
    share = ratio * 100
    return f"{share:.1f}{_GLUE}%" if 0 < abs(share) < 1 else f"{share:,.0f}{_GLUE}%"


def pace(ratio: float) -> str:
    """1.29 -> ``29 % faster than planned``."""
    off = round((ratio - 1) * 100)
    if off == 0:
        return "as planned"
    return f"{abs(off):,}{_GLUE}% {'faster' if off > 0 else 'slower'} than planned"


def day(moment: date) -> str:
    """``17 March 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """``20 March 2026, 06:00 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def period(span: Period) -> str:
    """``March 2026``, ``2026``, ``17 March 2026``, or ``1 January to 31 March 2026``."""
    start, last = span.start, span.end - timedelta(days=1)
    if start == last:
        return day(start)
    if start == month_start(start) and span.end == month_start(start, 1):
        return f"{start:%B %Y}"
    if (start.month, start.day) == (1, 1) and span.end == month_start(start, 12):
        return f"{start.year}"
    if start.year == last.year:
        return f"{start.day} {start:%B} to {day(last)}"
    return f"{day(start)} to {day(last)}"


def age(then: date, now: date) -> str:
    """``today``, ``1 day ago``, ``3 days ago``."""
    days = (now - then).days
    if days <= 0:
        return "today"
    return "1 day ago" if days == 1 else f"{days:,} days ago"


def count(number_of: int, one: str, many: str = "") -> str:
    """``1 budget``, ``8 budgets``."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"


def listed(items: list[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
