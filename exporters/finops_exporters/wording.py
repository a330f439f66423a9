"""Figures, days and other people's text, as messages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.model.finding import Driver, Finding
from finops.model.mass import Mass
from finops.model.money import Money, format_amount, minor_unit
from finops.model.notice import Notice, NoticeReason
from finops.model.period import Period
from finops.model.unit import Unit
from finops.model.untrusted import one_plain_line
from finops.model.wording import count_text

HEADINGS = {
    NoticeReason.FIRST: "FIRING",
    NoticeReason.ESCALATED: "ESCALATED",
    NoticeReason.DEESCALATED: "EASED",
    NoticeReason.REPEAT: "STILL FIRING",
    NoticeReason.RESOLVED: "RESOLVED",
    NoticeReason.WITHDRAWN: "WITHDRAWN",
    NoticeReason.EXPIRES: "QUIET ENDS",
    NoticeReason.TEST: "TEST",
}

_LONGEST = 300
"""Characters of a tag or name that are shown."""

_MOST_EARLIER = 8
"""The last of what happened; the page has the whole history."""

_DAY = timedelta(days=1)


def plain(text: str, longest: int = _LONGEST) -> str:
    """Text from anywhere as one line: no control characters, no turned direction, not endless."""
    return one_plain_line(text, longest)


def amount(value: Decimal, currency: str, *, plus: bool = False, significant: int = 0) -> str:
    """``9,500.00``, ``−12.00``: see ``format_amount``."""
    return format_amount(value, currency, plus=plus, significant=significant).replace("-", "−")


def money(value: Money) -> str:
    return f"{amount(value.amount, value.currency)} {plain(value.currency)}"


def signed(value: Decimal, currency: str) -> str:
    """``+1,200.00 EUR``."""
    return f"{amount(value, currency, plus=True)} {plain(currency)}"


def change(finding: Finding) -> str:
    """``+1,200.00 EUR: +900.00 volume, +250.00 price, +50.00 mix``; empty where nothing is known of a change."""
    found = finding.change
    if found is None:
        return ""
    parts = {name: getattr(found, name) for name in ("volume", "price", "mix", "other")}
    told = {
        name: f"{amount(part, finding.currency, plus=True)} {name}"
        for name, part in parts.items()
        if abs(part) >= minor_unit(finding.currency) / 2  # what rounds to nothing is not told
    }
    whose = f"{plain(found.of)}: " if found.of else ""
    split = f": {', '.join(told.values())}" if set(told) - {"other"} else ""  # all of it other: there is no split
    days = f"{found.after_days} days to {found.after.end - _DAY}, against {found.before_days} from {found.before.start}"
    return f"{whose}{signed(found.total, finding.currency)}{split} ({days} to {found.before.end - _DAY})"


def driver(told: Driver) -> str:
    """``ServiceName Amazon RDS``, with the name beside an id: ``SubAccountId 0042 (payments)``."""
    name = f" ({plain(told.name)})" if told.name else ""
    return f"{plain(told.by)} {plain(told.value) or 'none'}{name}"


def measured(finding: Finding, value: float | None) -> str:
    """A value of the finding's measure in its unit: a share, hours, grams, an amount, or a plain number."""
    if value is None:
        return "unknown"
    named = finding.amount.get(finding.measure)
    if named is not None and float(named.amount) == finding.value:
        return f"{amount(Decimal(str(value)), finding.currency)} {plain(finding.currency)}"
    shown = _UNITS.get(finding.unit) if finding.unit is not None else None
    if shown is not None:
        return shown(value)
    if finding.unit is Unit.AMOUNT:
        return f"{amount(Decimal(repr(value)), finding.currency)} {plain(finding.currency)}"
    return f"{value:,.6g}"


def _short(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


_UNITS: Mapping[Unit, Callable[[float], str]] = {
    Unit.SHARE: lambda value: f"{_short(value * 100)} %",
    Unit.DURATION: lambda value: f"{_short(value)} h",
    Unit.MASS: lambda value: str(Mass(Decimal(repr(value)))),
}


def headline(finding: Finding) -> str:
    """The money in half a line: ``9,500.00 of 12,000.00 EUR``, or the measure where there is no limit in money."""
    spent, limit = finding.amount.get("spent"), finding.amount.get("limit")
    if spent is not None and limit is not None:
        return f"{amount(spent.amount, spent.currency)} of {money(limit)}"
    if spent is not None:
        return money(spent)
    if finding.value is None:
        return plain(finding.reason)
    text = f"{plain(finding.measure)} {measured(finding, finding.value)}"
    return f"{text}, {signed(finding.change.total, finding.currency)}" if finding.change is not None else text


def earlier(notice: Notice) -> tuple[str, ...]:
    """What happened since the receiver was last reached, oldest first: ``2026-03-20 06:00 UTC firing (warning): …``."""
    return tuple(
        f"{minute(one.at)} {HEADINGS[one.reason].lower()}"
        f"{f' ({one.severity.value})' if one.severity else ''}: {plain(one.said, 120)}"
        for one in notice.earlier[-_MOST_EARLIER:]
    )


def period(span: Period) -> str:
    """Both days inclusive, as people count."""
    last = span.end - timedelta(days=1)
    return f"{span.start} to {last}" if last != span.start else f"{span.start}"


def minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def safe_link(link: str) -> str:
    """The link, or nothing: anything but a web address could run in the reader's program."""
    return link if link.startswith(("https://", "http://")) and link.isprintable() else ""


def age_of_data(complete_through: date | None, as_of: datetime) -> str:
    if complete_through is None:
        return "no day is settled yet"
    days = (as_of.astimezone(UTC).date() - complete_through).days
    ago = "the same day" if days <= 0 else f"{count_text(days, 'day')} before the verdict"
    return f"{complete_through} ({ago})"
