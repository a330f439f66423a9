"""What a source's paid requests cost on a day: booked before each request, so that no restart forgets it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol


class RequestCosts(Protocol):
    def book(self, source: str, day: date, cost_usd: Decimal, *, most_usd: Decimal) -> bool:
        """Books what the next request costs, unless the sum of ``day`` (UTC) would pass ``most_usd``; whether it did.

        Serialised over all threads and processes: two of them together never pass the limit. Raises ``Unreachable``,
        ``AccessDenied`` or ``BrokenStore``; then nothing is booked, and nothing may be spent.
        """
        ...

    def spent(self, source: str, day: date) -> Decimal:
        """US dollars booked on ``day`` so far."""
        ...
