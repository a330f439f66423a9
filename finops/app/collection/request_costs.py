"""Requests that no collection records (checks, reconciliation) are counted all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from finops.ports.source import Source, Usage
from finops.ports.state import CollectionLog


@contextmanager
def counting(sources: Mapping[str, Source], collections: CollectionLog) -> Iterator[None]:
    """Adds what the sources' own calls come to inside the block to their totals, however the block ends.

    Raises what the state raises.
    """
    before = {name: replace(source.usage) for name, source in sources.items()}
    try:
        yield
    finally:
        for name, source in sources.items():
            used, had = source.usage, before[name]
            if used != had:
                collections.count(name, used.requests - had.requests, used.throttled - had.throttled, _cost(used, had))


def _cost(used: Usage, had: Usage) -> Decimal:
    # the texts of the two doubles: their difference would carry binary dust
    return Decimal(str(used.request_cost_usd)) - Decimal(str(had.request_cost_usd))
