"""One line of a vendor's cost report, whoever the vendor is."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
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
