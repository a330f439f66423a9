"""Figures, days and other people's text, as messages show them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from finops.model.money import Money, format_amount
from finops.model.notice import Notice, NoticeReason
from finops.model.period import Period
from finops.model.untrusted import one_plain_line
from finops.model.wording import count_text

REASONS = {
    NoticeReason.FIRST: "new",
    NoticeReason.ESCALATED: "escalated",
    NoticeReason.DEESCALATED: "eased",
    NoticeReason.REPEAT: "ongoing",
    NoticeReason.RESOLVED: "resolved",
    NoticeReason.WITHDRAWN: "withdrawn",
    NoticeReason.EXPIRES: "suppression ends",
    NoticeReason.TEST: "test",
}
"""What a notice says, in a word, for lists and counts."""

_LONGEST = 300
"""Characters of a tag or name that are shown."""

_MOST_EARLIER = 8
"""The last of what happened; the page has the whole history."""


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


def earlier(notice: Notice) -> tuple[str, ...]:
    """What happened since the receiver was last reached, oldest first: ``2026-03-20 06:00 UTC new (warning): …``."""
    return tuple(
        f"{minute(one.at)} {REASONS[one.reason]}"
        f"{f' ({one.severity.value})' if one.severity else ''}: {plain(one.said, 120)}"
        for one in notice.earlier[-_MOST_EARLIER:]
    )


def period(span: Period) -> str:
    """Both days inclusive, as people count."""
    return str(span)


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
