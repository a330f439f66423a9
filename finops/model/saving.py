"""Savings: who claims one, and what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from finops.model.cost_report import SourceAge
from finops.model.period import Period


@dataclass(frozen=True, slots=True)
class SavingClaim:
    """``actor`` says that from the day ``since`` the rows of ``scope`` (an SQL condition) cost less than before, beyond
    what demand explains. ``demand``: the series that drives the cost; '' where it is compared with its level."""

    id: str
    scope: str
    since: date
    demand: str
    actor: str
    note: str
    at: datetime
    withdrawn_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The form of the API; times and days ISO 8601."""
        return {
            "id": self.id,
            "scope": self.scope,
            "since": self.since.isoformat(),
            "demand": self.demand,
            "actor": self.actor,
            "note": self.note,
            "claimed_at": self.at.isoformat(),
            "withdrawn_at": self.withdrawn_at.isoformat() if self.withdrawn_at else None,
        }


class SavingState(StrEnum):
    PROVEN = "proven"
    """Even a 95 % interval is above zero: it is credited."""
    NOT_PROVEN = "not proven"
    """Not told from noise: nothing is credited."""
    MEASURING = "measuring"
    """Too few settled days."""
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Estimated:
    """Rounded to the currency's digits; ``low`` and ``high``: its 90 % interval."""

    amount: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class SavingParts:
    """What the saving comes from; adds up to it exactly. ``price``: lower unit prices; ``mix``: cheaper items of the
    same service; ``charges``: rows without a quantity (purchases, credits, taxes); ``usage``: less use than demand
    would have needed. A negative part cost more."""

    usage: Decimal
    price: Decimal
    mix: Decimal
    charges: Decimal


@dataclass(frozen=True, slots=True)
class MeasuredSaving:
    """``reason``: why there is nothing to credit, in a sentence; or what was compared. ``period``: the days measured,
    of which ``days`` were known. ``expected``: what demand would have cost. ``shared_with``: ids of later claims on the
    same rows, which have what they saved. ``parts``: None where single rows were not looked at."""

    claim: SavingClaim
    state: SavingState
    reason: str
    period: Period | None = None
    days: int = 0
    saved: Estimated | None = None
    expected: Decimal | None = None
    actual: Decimal | None = None
    parts: SavingParts | None = None
    shared_with: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def credited(self) -> Decimal | None:
        """None where it is not known; nothing, unless it is proven."""
        if self.saved is None:
            return None
        return self.saved.amount if self.state is SavingState.PROVEN else Decimal(0)


@dataclass(frozen=True, slots=True)
class SavingList:
    """``savings``: the newest claim first. ``settled_through``: of all ``sources``. ``month``: what is counted where
    only one is looked at."""

    currency: str
    savings: Sequence[MeasuredSaving]
    settled_through: date | None
    sources: Sequence[SourceAge]
    month: date | None = None

    @property
    def credited(self) -> Decimal:
        """Of the savings that are known."""
        return sum((one.credited or Decimal(0) for one in self.savings), Decimal(0))

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops savings list --format json`` and of the API; amounts as text, days ISO 8601."""
        return {
            "currency": self.currency,
            "credited": str(self.credited),
            "month": f"{self.month:%Y-%m}" if self.month else None,
            "settled_through": self.settled_through.isoformat() if self.settled_through else None,
            "sources": [one.to_json() for one in self.sources],
            "savings": [_document(one) for one in self.savings],
        }


def _document(one: MeasuredSaving) -> dict[str, Any]:
    claim, parts = one.claim, one.parts
    return {
        **{name: value for name, value in claim.to_json().items() if name != "withdrawn_at"},
        "state": one.state.value,
        "reason": one.reason,
        "from": one.period.start.isoformat() if one.period else None,
        "to": one.period.end.isoformat() if one.period else None,
        "days": one.days,
        "saved": _text(one.saved.amount if one.saved else None),
        "low": _text(one.saved.low if one.saved else None),
        "high": _text(one.saved.high if one.saved else None),
        "credited": _text(one.credited),
        "expected": _text(one.expected),
        "actual": _text(one.actual),
        "parts": {name: str(getattr(parts, name)) for name in PARTS} if parts else None,
        "shared_with": list(one.shared_with),
        "notes": list(one.notes),
    }


PARTS = ("usage", "price", "mix", "charges")


def _text(amount: Decimal | None) -> str | None:
    return str(amount) if amount is not None else None
