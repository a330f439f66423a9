"""What changed behind a verdict that fires, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from finops.model.cost_links import costs_behind
from finops.model.finding import Change, Driver, Finding
from finops.model.money import Money
from finops.model.period import Period
from finops.model.policy import WrittenPolicy
from finops.model.wording import count_text
from finops_exporters import words

_LONGEST = 80
"""Characters of a name that a table has room for."""
_CENT = Decimal("0.005")
"""What rounds to nothing is not told."""
COLUMNS = {
    "ServiceName": "service",
    "SubAccountId": "account",
    "RegionId": "region",
    "ResourceId": "resource",
    "SkuId": "SKU",
    "CommitmentDiscountId": "commitment",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One driver: ``+1,200.00 EUR``, its name and id, what it is (``service``), what its change is made of, and the
    ``address`` of the costs behind it."""

    amount: str
    name: str
    value: str
    what: str
    made_of: str
    address: str = ""

    @property
    def known_as(self) -> str:
        """``payments (0042)``: the name with the id behind it."""
        return f"{self.name} ({self.value})" if self.value else self.name

    @property
    def text(self) -> str:
        return f"{self.name} ({self.what}) {self.amount}"


@dataclass(frozen=True, slots=True)
class Drivers:
    """Those of one kind, the largest first."""

    what: str
    moved: Sequence[Moved]


@dataclass(frozen=True, slots=True)
class Changed:
    """``whole``: ``+1,200.00 EUR``. ``split``: ``+900.00 volume, +250.00 price``. ``of``: which of the costs."""

    whole: str
    split: str
    of: str
    days: str
    demand: str
    drivers: Sequence[Drivers]

    @property
    def sentence(self) -> str:
        """``+1,200.00 EUR: +900.00 volume, +300.00 price (17 days to …)``."""
        whose = f"{words.shown(self.of)}: " if self.of else ""
        split = f": {self.split}" if self.split else ""
        return f"{whose}{self.whole}{split} ({self.days})"


def changed_of(finding: Finding, policy: WrittenPolicy | None = None) -> Changed | None:
    """None where nothing is known of a change. ``policy``: with it each driver leads to the costs behind it."""
    change = finding.change
    if change is None:
        return None
    by_kind = groupby(finding.drivers, key=lambda driver: driver.by)
    return Changed(
        whole=words.signed_money(Money(change.total, finding.currency)),
        split=_split(finding.currency, change.volume, change.price, change.mix, change.other),
        of=change.of,
        days=_days(change),
        demand=_demand(change, finding),
        drivers=[
            Drivers(
                _what(by),
                [
                    replace(moved(driver, finding.currency), address=costs_behind(finding, policy, driver))
                    for driver in drivers
                ],
            )
            for by, drivers in by_kind
        ],
    )


LEADING = {"ServiceName": 3, "SubAccountId": 2, "ResourceId": 2}
"""How many drivers of each column a message has room for, in the order in which people ask: what, whose, which one."""


def leading_drivers(finding: Finding) -> list[Moved]:
    """The largest of each column of ``LEADING``, or of whatever else is known where none of those is."""
    told = [one for by, most in LEADING.items() for one in [one for one in finding.drivers if one.by == by][:most]]
    return [moved(one, finding.currency) for one in told or finding.drivers[:3]]


def moved(driver: Driver, currency: str) -> Moved:
    name = words.shown(driver.name or driver.value, _LONGEST) or "(none)"
    value = words.shown(driver.value, _LONGEST) if driver.name and driver.name != driver.value else ""
    nothing = Decimal(0)
    parts = (part or nothing for part in (driver.volume, driver.price, driver.mix, driver.other))
    made_of = _split(currency, *parts)
    return Moved(words.signed_money(Money(driver.change, currency)), name, value, _what(driver.by), made_of)


def _what(column: str) -> str:
    return COLUMNS.get(column, words.shown(column, _LONGEST))


def _split(currency: str, volume: Decimal, price: Decimal, mix: Decimal, other: Decimal) -> str:
    parts = {"volume": volume, "price": price, "mix": mix, "other": other}
    told = {name: f"{words.signed(part, currency)} {name}" for name, part in parts.items() if abs(part) >= _CENT}
    return ", ".join(told.values()) if set(told) - {"other"} else ""  # where it is all other there is no split


def _days(change: Change) -> str:
    """``21 days to 21 November 2026, against 63 days from 1 August to 21 October 2026, scaled to 21``."""
    after = f"{count_text(change.after_days, 'day')} to {words.day(change.after.end - timedelta(days=1))}"
    before = f"{count_text(change.before_days, 'day')} {_span(change.before)}"
    scaled = f", scaled to {change.after_days}" if change.before_days != change.after_days else ""
    return f"{after}, against {before}{scaled}"


def _span(span: Period) -> str:
    last = span.end - timedelta(days=1)
    return f"from {words.day(span.start)} to {words.day(last)}" if last != span.start else f"on {words.day(last)}"


def _demand(change: Change, finding: Finding) -> str:
    if change.explained is None:
        return ""
    explained = words.signed_money(Money(change.explained, finding.currency))
    rest = words.signed_money(Money(change.total - change.explained, finding.currency))
    return f"Growth of {words.shown(finding.demand, 40) or 'demand'} explains {explained}, and not {rest}"
