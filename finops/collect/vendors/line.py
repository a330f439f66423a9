"""One line of a vendor's cost report, whoever the vendor is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing cost on one UTC day.

    ``amount`` in ``currency`` (ISO 4217), not in cents. ``sku``: the vendor's own words for what was sold, and
    ``price``: the same with what else its price depends on. ``token_kind``, ``tier``: see ``finops.meters``.
    ``principal``: who spent it (a user, a service account, an API key). ``quantity`` of ``unit`` as FOCUS writes units
    (``Tokens``), None where the vendor does not state it. ``category``: ChargeCategory. ``counted_as``: under which key
    the usage report counts its tokens, None where it does not.
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
    counted_as: Hashable | None = None
