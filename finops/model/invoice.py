"""What invoices say that a billing period cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from finops.errors import InvalidValue
from finops.model.money import Money

_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Invoice:
    """``billing_period``: its first day. ``totals``: one amount a currency, taxes included, as BilledCost counts them.

    ``origin``: where it was typed in or what was delivered, for people. ``delivered``: by the issuer, line by line;
    ``provisional``: the issuer may still change it.
    """

    source: str
    billing_period: date
    totals: tuple[Money, ...]
    origin: str
    delivered: bool = False
    provisional: bool = False


def parse_month(text: str) -> date:
    """``"2026-10"`` -> its first day. Raises ``InvalidValue``."""
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(f"'{text}' is not a valid month", "Write it like 2026-10")
    return date(int(match["year"]), int(match["month"]), 1)
