"""The arithmetic of an allocation for one group; the verdict and its explanation share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, localcontext

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.selection import Values
from finops.evaluate.windows.settled_window import SettledWindow, late_start
from finops.model.money import EXACT, Money
from finops.model.period import Period
from finops.model.wording import NO_VALUE, amount_text, exact_text
from finops.policy.envelope import Envelope


@dataclass(slots=True)
class Numbers:
    """``window``: None where nothing can be said, and then ``unknown`` says why. ``by_value``: what each value of the
    dimension spent in it, in ``currency``."""

    dimension: str
    unset: tuple[str, ...]
    settled: SettledWindow
    envelope: Envelope
    data: GroupData
    currency: str = field(init=False)
    window: Period | None = field(init=False, default=None)
    by_value: Mapping[Values, Decimal] = field(init=False, default_factory=dict)
    unknown: str = field(init=False, default="")

    def __post_init__(self) -> None:
        minimum = self.envelope.minimum
        self.currency = minimum.currency if minimum is not None else self.data.moment.settings.currency
        try:
            window = self.settled.of(self.data)
            parts = self.data.parts.get(self.envelope.cost, {})
            last = window.end - timedelta(days=1)
            self.by_value = {
                values: self.data.part(values, self.envelope.cost).spent(window, last, self.currency)
                for values in sorted(parts)
            }
            self.window = window
        except Unknowable as error:
            self.unknown = error.reason

    def is_set(self, values: Values) -> bool:
        (value,) = values
        return bool(value) and value not in self.unset

    @property
    def spent(self) -> Money | None:
        return self._sum(with_owner=True, without=True) if self.window is not None else None

    def allocated(self) -> Reading:
        if self.window is None:
            return Reading(unknown=self.unknown)
        spent, owned = self._sum(with_owner=True, without=True), self._sum(with_owner=True)
        days = f"{self.window.start} through {self.window.end - timedelta(days=1)}"
        if spent.amount <= 0:
            return Reading(unknown=f"no share of {amount_text(*_pair(spent))} spent {days}")
        detail = f"{amount_text(*_pair(owned))} of {amount_text(*_pair(spent))} has a {self.dimension}, {days}"
        return Reading(amount=owned, base=spent, detail=detail)

    def amounts(self) -> dict[str, Money]:
        if self.window is None:
            return {}
        return {
            "spent": self._sum(with_owner=True, without=True),
            "allocated": self._sum(with_owner=True),
            "unallocated": self._sum(without=True),
        }

    def lines(self) -> dict[str, tuple[Decimal | None, ...]]:
        """What was allocated on each day of the window."""
        if self.window is None:
            return {}
        owned = [self.data.part(values, self.envelope.cost) for values in sorted(self.by_value) if self.is_set(values)]
        with localcontext(EXACT):
            return {
                "allocated": tuple(
                    sum((part.converted(day, self.currency) for part in owned), Decimal(0)) for day in self.window
                )
            }

    def notes(self) -> tuple[str, ...]:
        return late_start(self.data, self.window) if self.window is not None else ()

    def explained(self) -> list[str]:
        if self.window is None:
            return [f"allocated unknown: {self.unknown}"]
        nobody = ", ".join(f"'{value}'" for value in ("", *self.unset))
        lines = [
            f"settled days: {self.window.start} through {self.window.end - timedelta(days=1)} ({self.window.days})",
            f"{self.dimension} is set where its value is none of {nobody}:",
        ]
        for values, amount in sorted(self.by_value.items(), key=lambda item: (-item[1], item[0])):
            whose = "allocated" if self.is_set(values) else "not allocated"
            lines.append(f"  {values[0] or NO_VALUE}  {exact_text(amount, self.currency)}  {whose}")
        reading = self.allocated()
        if reading.amount is None or reading.base is None or reading.share is None:
            return [*lines, f"allocated unknown: {reading.unknown}"]
        owned, spent = exact_text(*_pair(reading.amount)), exact_text(*_pair(reading.base))
        return [*lines, f"allocated = {owned} ÷ {spent} = {reading.share:.6f}"]

    def _sum(self, *, with_owner: bool = False, without: bool = False) -> Money:
        with localcontext(EXACT):
            chosen = [
                amount for values, amount in self.by_value.items() if (with_owner if self.is_set(values) else without)
            ]
            return Money(sum(chosen, Decimal(0)), self.currency)


def _pair(money: Money) -> tuple[Decimal, str]:
    return money.amount, money.currency
