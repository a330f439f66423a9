"""The arithmetic of commitments for one group; the verdict and its explanation share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, localcontext

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.selection import Values
from finops.evaluate.windows.settled_window import SettledWindow, late_start
from finops.model.money import EXACT, Money
from finops.model.period import Period
from finops.model.wording import amount_text, exact_text
from finops.policy.envelope import Envelope

EFFECTIVE = "EffectiveCost"
SPLIT_BY = ("ChargeCategory", "PricingCategory", "CommitmentDiscountStatus")
UNUSED = {"ChargeCategory": ("Usage",), "CommitmentDiscountStatus": ("Unused",)}
UNCOVERED = {"ChargeCategory": ("Usage",), "PricingCategory": ("Standard",), "CommitmentDiscountStatus": ("",)}
"""Usage that a commitment could have covered: at standard prices. Spot (Dynamic) and other prices cannot be."""


def _used(values: Values) -> bool:
    return values[0] == "Usage" and values[2] == "Used"


def _unused(values: Values) -> bool:
    return _holds(UNUSED, values)


def _uncovered(values: Values) -> bool:
    return _holds(UNCOVERED, values)


def _holds(wanted: Mapping[str, tuple[str, ...]], values: Values) -> bool:
    return all(values[SPLIT_BY.index(column)] in chosen for column, chosen in wanted.items())


def _unpriced(values: Values) -> bool:
    return values[0] == "Usage" and not values[2] and not values[1]


@dataclass(slots=True)
class Numbers:
    """``window``: None where nothing can be said, and then ``unknown`` says why.

    The amounts are None there too: ``spent`` of all rows, ``used`` and ``unused`` by EffectiveCost, ``covered`` and
    ``uncovered`` by ``coverage_by``.
    """

    coverage_by: str
    settled: SettledWindow
    envelope: Envelope
    data: GroupData
    currency: str = field(init=False)
    window: Period | None = field(init=False, default=None)
    unknown: str = field(init=False, default="")
    spent: Money | None = field(init=False, default=None)
    used: Money = field(init=False)
    unused: Money = field(init=False)
    covered: Money = field(init=False)
    uncovered: Money = field(init=False)
    unpriced: Money = field(init=False)

    def __post_init__(self) -> None:
        minimum = self.envelope.minimum
        self.currency = minimum.currency if minimum is not None else self.data.moment.settings.currency
        try:
            window = self.settled.of(self.data)
            self.spent = self._sum(window, EFFECTIVE, lambda _: True)
            self.used = self._sum(window, EFFECTIVE, _used)
            self.unused = self._sum(window, EFFECTIVE, _unused)
            self.covered = self._sum(window, self.coverage_by, _used)
            self.uncovered = self._sum(window, self.coverage_by, _uncovered)
            self.unpriced = self._sum(window, self.coverage_by, _unpriced)
            self.window = window
        except Unknowable as error:
            self.unknown = error.reason

    def utilisation(self) -> Reading:
        if self.window is None:
            return Reading(unknown=self.unknown)
        committed = self.used + self.unused
        if committed.amount <= 0:
            return Reading(unknown=f"no commitment was used or idle {self._days}", too_early=True)
        detail = f"{_text(self.used)} of {_text(committed)} committed was used, {self._days}"
        return Reading(amount=self.used, base=committed, detail=detail)

    def coverage(self) -> Reading:
        if self.window is None:
            return Reading(unknown=self.unknown)
        if self.covered.amount <= 0 < self.used.amount:
            return Reading(unknown=f"no {self.coverage_by} on {_text(self.used)} of covered usage; see 'coverage_by'")
        eligible = self.covered + self.uncovered
        if eligible.amount <= 0:
            return Reading(unknown=f"no usage that commitments could cover {self._days}", too_early=True)
        detail = f"{_text(self.covered)} of {_text(eligible)} usage was covered, by {self.coverage_by}, {self._days}"
        return Reading(amount=self.covered, base=eligible, detail=detail)

    def amounts(self) -> dict[str, Money]:
        if self.window is None or self.spent is None:
            return {}
        return {
            "spent": self.spent,
            "used": self.used,
            "unused": self.unused,
            "covered": self.covered,
            "uncovered": self.uncovered,
        }

    def lines(self) -> dict[str, tuple[Decimal | None, ...]]:
        """What was used, and what lay unused, on each day of the window."""
        if self.window is None:
            return {}
        return {name: self._by_day(self.window, chosen) for name, chosen in (("used", _used), ("unused", _unused))}

    def notes(self) -> tuple[str, ...]:
        if self.window is None:
            return ()
        notes = list(late_start(self.data, self.window))
        if self.unpriced.amount:
            notes.append(f"{_text(self.unpriced)} of usage without a PricingCategory is left out of coverage")
        if 0 < self.covered.amount < self.used.amount:
            notes.append(
                f"covered usage has {_text(self.used)} EffectiveCost and only {_text(self.covered)} {self.coverage_by}:"
                f" rows may lack {self.coverage_by}, and coverage be higher"
            )
        return tuple(notes)

    def explained(self) -> list[str]:
        if self.window is None:
            return [f"utilisation and coverage unknown: {self.unknown}"]
        utilisation, coverage = self.utilisation(), self.coverage()
        return [
            f"settled days: {self._days} ({self.window.days})",
            f"used = {_exact(self.used)} EffectiveCost of usage with CommitmentDiscountStatus Used",
            f"unused = {_exact(self.unused)} EffectiveCost of usage with CommitmentDiscountStatus Unused",
            _quotient("utilisation", utilisation),
            f"covered = {_exact(self.covered)} {self.coverage_by} of usage with CommitmentDiscountStatus Used",
            f"uncovered = {_exact(self.uncovered)} {self.coverage_by} of other usage with PricingCategory Standard",
            _quotient("coverage", coverage),
        ]

    @property
    def _days(self) -> str:
        assert self.window is not None  # noqa: S101 - asked for only where there is a window; tells the type checker
        return f"{self.window.start} through {self.window.end - timedelta(days=1)}"

    def _by_day(self, window: Period, chosen: Callable[[Values], bool]) -> tuple[Decimal, ...]:
        parts = [self.data.part(values, EFFECTIVE) for values in self._chosen(EFFECTIVE, chosen)]
        with localcontext(EXACT):
            return tuple(sum((part.converted(day, self.currency) for part in parts), Decimal(0)) for day in window)

    def _sum(self, window: Period, cost: str, chosen: Callable[[Values], bool]) -> Money:
        last = window.end - timedelta(days=1)
        with localcontext(EXACT):
            parts = [
                self.data.part(values, cost).spent(window, last, self.currency) for values in self._chosen(cost, chosen)
            ]
            return Money(sum(parts, Decimal(0)), self.currency)

    def _chosen(self, cost: str, chosen: Callable[[Values], bool]) -> list[Values]:
        return [values for values in sorted(self.data.parts.get(cost, {})) if chosen(values)]


def _quotient(name: str, reading: Reading) -> str:
    if reading.amount is None or reading.base is None or reading.share is None:
        return f"{name} unknown: {reading.unknown}"
    return f"{name} = {_exact(reading.amount)} ÷ {_exact(reading.base)} = {reading.share:.6f}"


def _text(money: Money) -> str:
    return amount_text(money.amount, money.currency)


def _exact(money: Money) -> str:
    return exact_text(money.amount, money.currency)
