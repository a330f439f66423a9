"""Who pays for what: teams as finops.yaml names them, and their signatures under a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

TEAM = "team"
"""The dimension whose values are teams."""


@dataclass(frozen=True, slots=True)
class DigestOrder:
    """Mailed by ``receiver`` on each ``weekday``, Monday being 0."""

    receiver: str
    weekday: int


@dataclass(frozen=True, slots=True)
class Team:
    """``name``: the value of the dimension. ``owners``: people who answer for it. ``receivers``: names of receivers.
    ``digest``: None where its owners want none."""

    name: str
    cost_centre: str = ""
    owners: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    digest: DigestOrder | None = None


@dataclass(frozen=True, slots=True)
class SignOff:
    """``actor`` accepted the bill of ``team`` for ``month`` (its first day) as it was known ``at`` that moment.

    ``total``: what it came to, in ``currency``, exact.
    """

    team: str
    month: date
    at: datetime
    actor: str
    note: str
    total: Decimal
    currency: str
