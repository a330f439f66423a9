"""One line of a vendor's cost report, and the token quantities that a usage report has beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

_CREDIT = re.compile(r"credit", re.IGNORECASE)
_PROMOTION = re.compile(r"promo(?:tion(?:al)?)?\b", re.IGNORECASE)


def category_of(description: str, amount: Decimal) -> str:
    """ChargeCategory of a line that only its description classifies: FOCUS uses Credit for promotions."""
    is_credit = _PROMOTION.search(description) or (amount <= 0 and _CREDIT.search(description))
    return "Credit" if is_credit else "Usage"


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing cost on one UTC day.

    ``amount`` in ``currency`` (ISO 4217), not in cents. ``sku``: the vendor's own words for what was sold, and
    ``price``: the same with what else its price depends on. ``token_kind``, ``tier``: see ``finops.meters``.
    ``principal``: who spent it (a user, a service account, an API key). ``quantity`` of ``unit`` as FOCUS writes units
    (``Tokens``), None where the vendor does not state it. ``category``: ChargeCategory. ``counted_as``: under which key
    the usage report counts its tokens, None where it does not. ``list_amount``: before discounts, None if not stated.
    """

    day: date
    amount: Decimal
    currency: str
    description: str
    sub_account: str | None
    sku: str
    price: str
    model: str | None = None
    token_kind: str | None = None
    tier: str | None = None
    principal: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    quantity: Decimal | None = None
    unit: str | None = None
    category: str = "Usage"
    list_amount: Decimal | None = None
    counted_as: Hashable | None = None


TOKENS = "Tokens"
"""FOCUS's unit: https://focus.finops.org/focus-specification/v1-2/#unitformat"""


def with_tokens(lines: Sequence[Line], counted: Mapping[Hashable, Decimal]) -> list[Line]:
    """``lines`` with the quantity that was counted under their key, where they do not state one themselves.

    Two lines that are counted together get none: to count tokens twice, or to guess their shares, is worse than not to
    know them.
    """
    sharing = Counter((line.day, line.counted_as) for line in lines if line.counted_as is not None)
    return [
        replace(line, quantity=counted.get(line.counted_as), unit=TOKENS)
        if line.quantity is None
        and line.counted_as is not None
        and line.counted_as in counted
        and sharing[line.day, line.counted_as] == 1
        else line
        for line in lines
    ]


def uncounted(lines: Sequence[Line]) -> int:
    """How many lines of tokens have no quantity."""
    return sum(line.token_kind is not None and line.quantity is None and line.amount != 0 for line in lines)
