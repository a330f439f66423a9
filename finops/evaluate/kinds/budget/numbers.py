"""The arithmetic of one budget for one group; the verdict and its explanation share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.kinds.budget.allowance import Allowance, Form, allowance
from finops.evaluate.kinds.budget.due import dated
from finops.evaluate.kinds.budget.options import BudgetOptions, Rollover
from finops.evaluate.kinds.budget.rollover import with_rollover
from finops.model.money import Money
from finops.model.period import Period
from finops.model.wording import LARGEST_SHARE, amount_text, change_text, exact_text


class NotDue(Unknowable):
    """The budget has not begun, or its period has no data yet: nothing is missing."""


@dataclass(slots=True)
class Numbers:
    """Numbers that cannot be said are readings with ``unknown``."""

    options: BudgetOptions
    period: Period
    data: GroupData
    allowance: Allowance | None = field(init=False)
    no_allowance: str = field(init=False, default="")
    _readings: dict[str, Reading] = field(init=False, default_factory=dict)  # each is made once

    def __post_init__(self) -> None:
        try:
            kind = self.options.period if isinstance(self.options.period, str) else None
            allowed = allowance(self.options.in_force, kind, self.period, self.data)
            allowed = with_rollover(allowed, self.options, self.period, self.data)
            self.allowance = dated(allowed, self.options, self.period, self.data)
        except Unknowable as error:
            self.allowance, self.no_allowance = None, error.reason

    @property
    def form(self) -> Form:
        return self.options.amount

    @property
    def currency(self) -> str:
        return self.options.currency

    @property
    def line(self) -> tuple[Decimal, ...]:
        """The cumulative budget line, day by day; empty where it cannot be said."""
        return self.allowance.due if self.allowance is not None else ()

    @property
    def last_day(self) -> date:
        return self.period.end - timedelta(days=1)

    @property
    def spent_through(self) -> date:
        """The last day that ``spent`` counts: today, or the last day whose demand is known."""
        last = min(self.data.moment.today, self.last_day)
        return min(last, self.allowance.last_day) if self.allowance is not None else last

    @property
    def settled_through(self) -> date | None:
        """The last day that ``pace`` counts: the last settled one of the period."""
        settled = self.data.settled_through
        return min(settled, self.last_day) if settled is not None and settled >= self.period.start else None

    def spent(self) -> Reading:
        def read(allowed: Allowance) -> Reading:
            spent, limit = self._spent(), self._money(allowed.limit)
            detail = f"{self._text(spent)} of {self._text(limit)} spent through {self.spent_through}"
            return Reading("above", spent, limit, detail=detail)

        return self._reading("spent", read)

    def remaining(self) -> Reading:
        def read(allowed: Allowance) -> Reading:
            spent, limit = self._spent(), self._money(allowed.limit)
            detail = f"{self._text(spent)} of {self._text(limit)} spent through {self.spent_through}"
            return Reading("below", limit - spent, limit, detail=detail)

        return self._reading("remaining", read)

    def pace(self) -> Reading:
        through = self.settled_through
        if through is None:
            too_early = self.data.moment.last_day_due < self.period.start
            return Reading("above", unknown=f"no pace: no day of {self.period} is settled yet", too_early=too_early)

        def read(allowed: Allowance) -> Reading:
            settled = self._money(self.data.spent(self.period, through, self.currency))
            due = self._money(allowed.due[(through - self.period.start).days])
            if allowed.begins is not None and through < allowed.begins:
                raise NotDue(f"no pace: nothing is due before {allowed.begins}")
            days, more = Period(self.period.start, through + timedelta(days=1)), change_text(*_pair(settled - due))
            nearly = " (next to nothing)" if settled.amount > LARGEST_SHARE * due.amount else ""
            detail = f"{self._text(settled)} spent in {days}, {self._text(due)} due{nearly}, {more}{allowed.told}"
            return Reading("above", settled, due, detail=detail)

        return self._reading("pace", read)

    def amounts(self) -> dict[str, Money]:
        """Every amount that can be said: limit, carried_forward, spent, remaining, settled_spent, due."""
        amounts = {}
        if self.allowance is not None:
            amounts["limit"] = self._money(self.allowance.limit)
            if self.options.rollover is not Rollover.NONE:
                amounts["carried_forward"] = self._money(self.allowance.carried)
        spent, remaining, pace = self.spent(), self.remaining(), self.pace()
        named = {"spent": spent.amount, "remaining": remaining.amount, "settled_spent": pace.amount, "due": pace.base}
        return {**amounts, **{name: money for name, money in named.items() if money is not None}}

    def lines(self) -> list[str]:
        """The arithmetic as a person would write it down."""
        return [*self._spent_lines(), *self._due_lines()]

    def _spent_lines(self) -> list[str]:
        lines = [f"spent, day by day, {self.period.start} through {self.spent_through}:"]
        for day in sorted(day for day in self.data.daily if day in self.period and day <= self.spent_through):
            for own, amount in sorted(self.data.daily[day].items()):
                lines.append(f"  {day}  {exact_text(amount, own)}{self._rate_text(day, own)}")
        try:
            return [*lines, f"  spent = {self._exact(self._spent().amount)}"]
        except Unknowable as error:
            return [*lines, f"  spent unknown: {error.reason}"]

    def _due_lines(self) -> list[str]:
        if self.allowance is None:
            return [f"limit unknown: {self.no_allowance}"]
        lines = [*self.allowance.steps, f"limit = {self._exact(self.allowance.limit)} for {self.period}"]
        spent, pace, through = self.spent(), self.pace(), self.settled_through
        if spent.amount is not None:
            spent_text = exact_text(*_pair(spent.amount))
            lines.append(f"spent = {spent_text} ÷ {self._exact(self.allowance.limit)} = {_ratio(spent)}")
        if through is None or pace.amount is None or pace.base is None:
            return [*lines, f"pace unknown: {pace.unknown}"]
        days = (through - self.period.start).days + 1
        settled, due = exact_text(*_pair(pace.amount)), exact_text(*_pair(pace.base))
        return [
            *lines,
            f"settled through {through}, {days} of {self.period.days} days: {settled} spent, {due} due",
            f"pace = {settled} ÷ {due} = {_ratio(pace)}",
        ]

    def _rate_text(self, day: date, own: str) -> str:
        if own == self.currency:
            return ""
        try:
            one_day = self.data.only(day, own).converted(day, self.currency)
        except Unknowable:
            return ""
        rate = self.data.moment.settings.rates.factor(day, own, self.currency)
        return f" × {rate.normalize():f} = {self._exact(one_day)}"

    def _exact(self, amount: Decimal) -> str:
        return exact_text(amount, self.currency)

    def _spent(self) -> Money:
        spent = self.data.spent(self.period, self.spent_through, self.currency)
        if not spent and (unreached := self.data.unreached(self.period)) is not None:
            raise NotDue(unreached)
        return self._money(spent)

    def _reading(self, name: str, read: Callable[[Allowance], Reading]) -> Reading:
        if name not in self._readings:
            try:
                found = read(self.allowance) if self.allowance is not None else Reading(unknown=self.no_allowance)
            except Unknowable as error:
                found = Reading(unknown=error.reason, too_early=isinstance(error, NotDue))
            self._readings[name] = found
        return self._readings[name]

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)

    def _text(self, money: Money) -> str:
        return amount_text(money.amount, self.currency)


def _pair(money: Money) -> tuple[Decimal, str]:
    return money.amount, money.currency


def _ratio(reading: Reading) -> str:
    return f"{reading.share:.6f}" if reading.share is not None else "beyond measure"
