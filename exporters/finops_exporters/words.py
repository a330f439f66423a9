"""Numbers and days as a finance person writes them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePath

from finops.model.finding import Finding, Severity, State
from finops.model.money import EXACT, Money
from finops.model.period import Period, month_start
from finops.model.untrusted import one_plain_line
from finops.model.wording import LARGEST_SHARE, count_text
from finops_exporters import wording

_GLUE = "\u00a0"
"""Keeps a number and its unit on one line."""

STATES = {State.OK: "On track", State.UNKNOWN: "Unknown"}
SEVERITIES = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Notice"}
TONES = {
    **{severity.value: shown for severity, shown in SEVERITIES.items()},
    State.UNKNOWN.value: STATES[State.UNKNOWN],
    State.OK.value: STATES[State.OK],
}
_LONGEST_NAME = 120
"""Characters of a name that have room in a line; the API has all of it."""
UNKNOWN = "–"
"""What is not known is never shown as a zero."""


def state(finding: Finding) -> str:
    """``Critical``, ``On track`` …"""
    if finding.state is State.FIRING:
        return SEVERITIES[finding.severity or Severity.WARNING]
    return STATES[finding.state]


def tone(finding: Finding) -> str:
    """``critical``, ``warning``, ``info``, ``unknown`` or ``ok``."""
    if finding.state is State.FIRING:
        return (finding.severity or Severity.WARNING).value
    return finding.state.value


def shown(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name from a bill as one line: no control characters, no turned direction, not endless."""
    return one_plain_line(name, longest)


def file(path: str) -> str:
    """The file and its folder: ``policies/budgets.yaml``. Where that folder lies on the server helps no reader."""
    return shown("/".join(PurePath(path).parts[-2:]), 300)


def sentence(text: str, finding: Finding | None = None) -> str:
    """With a capital and a full stop; names of the finding's measures as words."""
    names = {finding.measure, *finding.units} if finding is not None else set()
    for name in sorted((name for name in names if "_" in name), key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", name.replace("_", " "), text)
    told = shown(text, 600)
    return f"{told[:1].upper()}{told[1:]}{'' if told.endswith(('.', '!', '?', '…')) else '.'}" if told else ""


def money(amount: Money) -> str:
    """``12,000.00 EUR``, with a proper minus sign."""
    return f"{number(amount.amount, amount.currency)}{_GLUE}{amount.currency}"


def money_of(amount: Decimal | None, currency: str) -> str:
    """``–`` where the amount is unknown."""
    return money(Money(amount, currency)) if amount is not None else UNKNOWN


def number(amount: Decimal, currency: str) -> str:
    """``9,500.00``, ``−12.00``: see ``format_amount``."""
    return wording.amount(amount, currency)


def signed(amount: Decimal, currency: str) -> str:
    """``+1,200.00``, ``−12.00``, ``0.00``."""
    return wording.amount(amount, currency, plus=True)


def signed_money(amount: Money) -> str:
    return f"{signed(amount.amount, amount.currency)}{_GLUE}{amount.currency}"


def signed_money_of(amount: Decimal | None, currency: str) -> str:
    """``–`` where the amount is unknown."""
    return signed_money(Money(amount, currency)) if amount is not None else UNKNOWN


def percent(ratio: float) -> str:
    """``79 %``; below one percent one decimal, so that something is not shown as nothing."""
    if abs(ratio) > LARGEST_SHARE:
        return f"{'over ' if ratio > 0 else 'under -'}{LARGEST_SHARE * 100:,}{_GLUE}%"
    share = ratio * 100
    return f"{share:.1f}{_GLUE}%" if 0 < abs(share) < 1 else f"{share:,.0f}{_GLUE}%"


def pace(ratio: float) -> str:
    """1.29 -> ``29 % faster than planned``."""
    if ratio > LARGEST_SHARE:
        return "much faster than planned: next to nothing was due"
    off = round((ratio - 1) * 100)
    if off == 0:
        return "as planned"
    return f"{abs(off):,}{_GLUE}% {'faster' if off > 0 else 'slower'} than planned"


def per_unit(amount: Money) -> str:
    """A unit cost may be far below a cent: three digits that count, ``0.0602 EUR``."""
    return f"{wording.amount(amount.amount, amount.currency, significant=3)}{_GLUE}{amount.currency}"


def whole_money(amount: Money) -> str:
    """``2,745 EUR``, for sentences: from a hundred on without cents, below as ``money``."""
    if abs(amount.amount) < 100:
        return per_unit(amount)
    whole = amount.amount.quantize(Decimal(1), context=EXACT)
    return f"{whole:,f}{_GLUE}{shown(amount.currency)}".replace("-", "−")


def units(per: Decimal, demand: str) -> str:
    """What a unit cost is the cost of: ``1,000,000 tokens``, ``unit of orders``."""
    name = shown(demand, 40) or "demand"
    return f"unit of {name}" if per == 1 else f"{per.normalize():,f} {name}"


def mass(grams: float) -> str:
    """``869 kg``, ``1.25 t``."""
    for unit, size in (("t", 1e6), ("kg", 1e3)):
        if abs(grams) >= size:
            return f"{grams / size:,.3g}{_GLUE}{unit}" if grams / size < 1000 else f"{grams / size:,.0f}{_GLUE}{unit}"
    return f"{grams:,.3g}{_GLUE}g"


def growth(ratio: float) -> str:
    """``+32 %``."""
    text = f"{abs(ratio) * 100:,.0f}{_GLUE}%" if abs(ratio) >= 0.1 else f"{abs(ratio) * 100:,.1f}{_GLUE}%"
    return f"{'+' if round(ratio, 6) >= 0 else '−'}{text}"


def hours(value: float) -> str:
    """``23 hours``, ``3 days``; endless is ``never``."""
    if value == float("inf"):
        return "never"
    return count_text(round(value), "hour") if value < 48 else count_text(round(value / 24), "day")


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
    return f"{count_text(days, 'day')} ago"


def span(length: timedelta) -> str:
    """``40 minutes``, ``7 hours``, ``3 days``; what is over is ``0 minutes``."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 120:
        return count_text(minutes, "minute")
    return count_text(minutes // 60, "hour") if minutes < 48 * 60 else count_text(minutes // (24 * 60), "day")


def listed(items: list[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
