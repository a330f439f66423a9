"""What Anthropic's interfaces have in common: kinds of tokens, tiers, cents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from finops.collect.vendors.pages import member, number
from finops.errors import RefusedBatch

MINOR_UNITS = Decimal(100)
"""Cents to the dollar. The currency is always USD so far; another one is refused."""

KINDS: Mapping[str, str] = {
    "uncached_input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write",
}
"""``token_type`` -> kind of token, see ``finops.meters``."""

_TIERS = {"flex_discount": "flex", "priority_on_demand": "priority"}


def tier_of(service_tier: str | None) -> str | None:
    return _TIERS.get(service_tier, service_tier) if service_tier else None


def usd(amount: Any, where: str) -> str:
    """The currency of an amount. Raises ``RefusedBatch`` for any but USD."""
    currency: str = member(amount, "currency", str, where).upper()
    if currency != "USD":
        # how many of its lowest units make one is not the same for every currency, and nothing says it
        remedy = "Report it: only USD is supported"
        raise RefusedBatch(f"an amount in the lowest unit of {currency}", where=where, remedy=remedy)
    return currency


def tokens_by_type(result: Any, where: str) -> Iterator[tuple[str, Decimal]]:
    """``token_type`` and number of tokens of one usage result."""
    created = result.get("cache_creation") if isinstance(result, Mapping) else None
    for token_type in KINDS:
        outer, _, inner = token_type.partition(".")
        holder, name = (created, inner) if inner else (result, outer)
        if isinstance(holder, Mapping) and holder.get(name) is not None:
            yield token_type, number(holder, name, where)
