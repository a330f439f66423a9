"""What changed behind a verdict that fires, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from finops.model.finding import Change, Driver, Finding
from finops.model.money import Money
from finops.model.period import Period
from finops_exporters.pages import words

_DRIVERS = 3
_LONGEST = 80
"""Characters of a name that a card has room for."""
_CENT = Decimal("0.005")
"""What rounds to nothing is not told."""
_COLUMNS = {
    "ServiceName": "service",
    "SubAccountId": "account",
    "RegionId": "region",
    "ResourceId": "resource",
    "SkuId": "SKU",
    "CommitmentDiscountId": "commitment",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One driver: ``+1,200.00 EUR``, its name, and what it is (``service``)."""

    amount: str
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Changed:
    """``whole``: ``+1,200.00 EUR: +900.00 volume, +250.00 price, +50.00 mix``. ``of``: which of the costs."""

    whole: str
    of: str
    days: str
    demand: str
    drivers: tuple[Moved, ...]


def changed_of(finding: Finding) -> Changed | None:
    """None where nothing is known of a change."""
    change = finding.change
    if change is None:
        return None
    return Changed(
        whole=_whole(change, finding.currency),
        of=change.of,
        days=_days(change),
        demand=_demand(change, finding),
        drivers=tuple(_moved(driver, finding.currency) for driver in finding.drivers[:_DRIVERS]),
    )


def _whole(change: Change, currency: str) -> str:
    parts = {"volume": change.volume, "price": change.price, "mix": change.mix, "other": change.other}
    told = {name: f"{words.signed(part)} {name}" for name, part in parts.items() if abs(part) >= _CENT}
    split = f": {', '.join(told.values())}" if set(told) - {"other"} else ""  # where it is all other there is no split
    return words.signed_money(Money(change.total, currency)) + split


def _days(change: Change) -> str:
    """``21 days to 21 November 2026, against 63 days from 1 August to 21 October 2026, scaled to 21``."""
    after = f"{words.count(change.after_days, 'day')} to {words.day(change.after.end - timedelta(days=1))}"
    before = f"{words.count(change.before_days, 'day')} {_span(change.before)}"
    scaled = f", scaled to {change.after_days}" if change.before_days != change.after_days else ""
    return f"{after}, against {before}{scaled}"


def _span(span: Period) -> str:
    last = span.end - timedelta(days=1)
    return f"from {words.day(span.start)} to {words.day(last)}" if last != span.start else f"on {words.day(last)}"


def _demand(change: Change, finding: Finding) -> str:
    if change.explained is None:
        return ""
    explained = words.signed_money(Money(change.explained, finding.currency))
    return f"Growth of {finding.demand or 'demand'} explains {explained}"


def _moved(driver: Driver, currency: str) -> Moved:
    name = driver.name or driver.value or "(none)"
    shown = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    return Moved(words.signed_money(Money(driver.change, currency)), shown, _COLUMNS.get(driver.by, driver.by))
