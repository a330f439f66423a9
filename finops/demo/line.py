"""One thing that is billed every day, before it has quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from finops.demo.organisation import Account
from finops.demo.timeline import Shape


@dataclass(frozen=True, slots=True)
class Sku:
    """What is sold: its place in FOCUS's catalogue, its list price in the bill's currency, and how it is used.

    ``price`` is for one ``unit`` (at most 8 digits behind the point); ``consumed_per_unit`` is how many
    ``consumed_unit`` one priced unit holds (1,000 tokens for a price per 1,000 tokens).
    """

    service: str
    category: str
    subcategory: str
    meter: str
    unit: str
    price: Decimal
    shape: Shape = "shop"
    consumed_unit: str = ""
    consumed_per_unit: int = 1
    resource_type: str = ""
    noise_ratio: float = 0.03


@dataclass(frozen=True, slots=True)
class Line:
    """A SKU that one resource of one account uses.

    ``team`` is what the demo's dimensions make of ``tags`` and ``account``. ``monthly_amount`` is in the bill's
    currency, at today's level. ``discount_ratio`` is taken off the list price by contract. ``incident`` names the
    planted incident that moves its quantity, ``commitment`` the commitment that covers it.
    """

    key: str
    sku: Sku
    account: Account
    team: str
    region: tuple[str, str]
    resource: str
    monthly_amount: float
    tags: Mapping[str, str] = field(default_factory=dict)
    growth_per_month: float = 0.025
    discount_ratio: Decimal = Decimal(0)
    incident: str = ""
    commitment: str = ""
    shape: Shape | None = None

    @property
    def contracted_unit_price(self) -> Decimal:
        return (self.sku.price * (1 - self.discount_ratio)).quantize(Decimal("0.00000001"))


@dataclass(frozen=True, slots=True)
class Use:
    """A SKU with its rough part of a team's monthly amount in production, split over ``resources`` resources.

    ``outside_production``: staging and dev have it too. ``incident`` and ``commitment`` hold in production only.
    """

    sku: str
    weight: float
    resources: int = 1
    outside_production: bool = True
    incident: str = ""
    commitment: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """A monthly charge: ``quantity`` × ``unit_price``, owned by ``team`` (None: nobody has said so)."""

    service: str
    category: str
    subcategory: str
    item: str
    unit: str
    quantity: int
    unit_price: Decimal
    team: str | None = None
    new: bool = False


def scaled(lines: Sequence[Line], monthly_amount: float) -> list[Line]:
    """The lines with amounts that sum to ``monthly_amount``, in the same proportions."""
    factor = monthly_amount / sum(line.monthly_amount for line in lines)
    return [replace(line, monthly_amount=line.monthly_amount * factor) for line in lines]
