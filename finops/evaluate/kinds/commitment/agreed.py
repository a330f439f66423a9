"""When commitments end, and what of an agreed spend will be missing then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from finops.errors import MissingRate
from finops.evaluate.judgement.group_data import Agreement, GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading
from finops.evaluate.windows.settled_window import SettledWindow
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period
from finops.model.wording import amount_text, count_text, exact_text

LONGEST = timedelta(days=5 * 366)
"""How far back an agreed spend is added up: no provider sells longer terms."""

_DAY = timedelta(days=1)
_MOST_NAMED = 3
_MONTHS = {"Monthly": 1, "Quarterly": 3, "Semi-Annual": 6, "Annual": 12}
"""FOCUS's fulfilment intervals by length; shorter ones are used or lost by the hour, day or week."""

_SHORT = ("Hourly", "Daily", "Weekly")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """``spent`` of ``agreed`` since its start up to and with ``through``; ``a_day`` in the settled window; ``missing``
    at the end if every day until then costs as much."""

    of: Agreement
    agreed: Money
    spent: Money
    a_day: Decimal
    through: date
    days_left: int
    missing: Money


@dataclass(frozen=True, slots=True)
class Agreed:
    """Of one group. ``cost``: the cost column that counts towards an agreed spend; ``only``: the one commitment that
    the policy is about, or an empty text."""

    data: GroupData
    settled: SettledWindow
    cost: str
    currency: str
    only: str

    @property
    def agreements(self) -> list[Agreement]:
        return [one for one in self.data.agreements if not self.only or one.id == self.only]

    def expires_in(self) -> Reading:
        """Whole days until the first commitment in the scope ends."""
        known = [one for one in self.agreements if one.end is not None]
        if not known:
            return Reading(unknown=self._nothing_ends())
        first = known[0]
        assert first.end is not None  # noqa: S101 - told apart above; this tells the type checker
        detail = f"{first.name} ends on {first.end}"
        if len(known) > 1:
            detail += f", {count_text(len(known) - 1, 'other commitment')} later"
        return Reading(certain="below", duration=first.end - self.data.moment.today, detail=detail)

    def unknown_ends(self) -> str | None:
        """Why a commitment may end earlier than any whose end is known."""
        endless = [one for one in self.agreements if one.end is None]
        if not endless:
            return None
        named = ", ".join(one.name for one in endless[:_MOST_NAMED]) + (", …" if len(endless) > _MOST_NAMED else "")
        return f"the end of {count_text(len(endless), 'commitment')} is unknown ({named}): deliver Contract Commitment"

    def shortfall(self) -> Reading:
        try:
            found = self.short()
        except Unknowable as error:
            return Reading(unknown=error.reason)
        detail = (
            f"{_text(found.spent)} {self.cost} of {_text(found.agreed)} spent since {found.of.start}, and "
            f"{amount_text(found.a_day, self.currency)} a day until {found.of.name} ends on {found.of.end}"
        )
        return Reading(certain="below", amount=found.missing, base=found.agreed, detail=detail)

    def short(self) -> Shortfall:
        """Raises ``Unknowable``."""
        one = self._agreed_spend()
        start, end, agreed = one.start, one.end, one.agreed
        if start is None or end is None or agreed is None:
            lacking = "amount" if agreed is None else "term"
            raise Unknowable(f"the {lacking} of {one.name} is unknown: deliver Contract Commitment")
        self._check_whole(one, start, end)
        window = self.settled.of(self.data)
        through = window.end - _DAY
        committed = Money(self._converted(agreed, through), self.currency)
        with localcontext(EXACT):
            spent = self._spent(Period(start, max(window.end, start + _DAY)), through)
            first = max(window.start, start)
            days = (window.end - first).days
            if days < 1:
                raise Unknowable(f"{one.name} began on {start}, and no day of it is settled yet")
            a_day = quantise(self._spent(Period(first, window.end), through) / days)
            days_left = max((end - window.end).days, 0)
            missing = max(committed.amount - spent - a_day * days_left, Decimal(0))
        return Shortfall(
            one,
            committed,
            Money(spent, self.currency),
            a_day,
            through,
            days_left,
            Money(missing, self.currency),
        )

    def amounts(self) -> dict[str, Money]:
        """What was agreed, spent of it, and what will be missing; nothing where that is unknown."""
        try:
            found = self.short()
        except Unknowable:
            return {}
        with localcontext(EXACT):
            left = max(found.agreed.amount - found.spent.amount, Decimal(0))
            a_day = {"agreed_a_day": Money(quantise(left / found.days_left), self.currency)} if found.days_left else {}
        return {
            "agreed": found.agreed,
            "agreed_spent": found.spent,
            "agreed_left": Money(left, self.currency),
            "shortfall": found.missing,
            **a_day,
        }

    def lines(self, window: Period | None) -> dict[str, tuple[Decimal | None, ...]]:
        """What counts towards an agreed spend on each day of the window."""
        if window is None:
            return {}
        with localcontext(EXACT):
            days = tuple(self._spent(Period(day, day + _DAY), day) for day in window)
        return {"agreed_by_day": days}

    def explained(self) -> Iterator[str]:
        reading = self.expires_in()
        if reading.duration is None:
            yield f"expires_in unknown: {reading.unknown}"
        else:
            yield f"expires_in = {reading.duration.days} days from {self.data.moment.today}: {reading.detail}"
        try:
            found = self.short()
        except Unknowable as error:
            yield f"shortfall unknown: {error.reason}"
            return
        yield f"agreed = {_exact(found.agreed)}: {found.of.name}, {found.of.start} to {found.of.end}"
        yield f"spent = {_exact(found.spent)} {self.cost} of the scope, {found.of.start} through {found.through}"
        rest = f"{exact_text(found.a_day, self.currency)} a day × {found.days_left} days"
        yield f"shortfall = {_exact(found.agreed)} - {_exact(found.spent)} - {rest} = {_exact(found.missing)}"

    def _agreed_spend(self) -> Agreement:
        """The one amount that is agreed for today. Raises ``Unknowable``.

        A spend that is used or lost by the hour, as a savings plan is, does not compete with one that adds up.
        """
        today = self.data.moment.today
        begun = [one for one in self.agreements if one.is_spend and (one.start is None or one.start <= today)]
        spends = [one for one in begun if one.interval not in _SHORT] or begun
        agreed = [one for one in spends if one.agreed is not None] or spends
        if not agreed:
            raise Unknowable("no commitment of category Spend is known in this scope: deliver Contract Commitment")
        if len(agreed) > 1:
            named = ", ".join(one.id for one in agreed[:_MOST_NAMED])
            raise Unknowable(f"several agreed spends are in this scope ({named}): name one with 'commitment'")
        return agreed[0]

    def _check_whole(self, one: Agreement, start: date, end: date) -> None:
        """Raises ``Unknowable`` where the spend is not counted over the whole term, or the bills do not reach it."""
        if one.interval in _SHORT:
            raise Unknowable(f"the spend of {one.name} is used or lost {one.interval.lower()}: watch its utilisation")
        months = (end.year - start.year) * 12 + end.month - start.month
        if _MONTHS.get(one.interval, months) < months:
            raise Unknowable(
                f"the spend of {one.name} is counted anew in each {one.interval} interval: "
                "deliver one Contract Commitment for each"
            )
        if start < self.data.moment.today - LONGEST:
            raise Unknowable(f"{one.name} began on {start}, more than 5 years ago")
        late = sorted(source.source for source in self.data.sources if self._begins(source.source) > start)
        if late:
            raise Unknowable(
                f"the bills of {late[0]} begin on {self._begins(late[0])}, after {one.name} began on {start}"
            )

    def _begins(self, source: str) -> date:
        """The month of the first bill, as a commitment may begin within one."""
        return self.data.bills_begin.get(source, date.max)

    def _nothing_ends(self) -> str:
        if (why := self.unknown_ends()) is not None:
            return why
        if self.data.ended is not None and (not self.only or self.data.ended.id == self.only):
            return f"every known commitment has ended, the last on {self.data.ended.end}: {self.data.ended.name}"
        named = f" called {self.only}" if self.only else ""
        return f"no commitment{named} is known in this scope: collect bills that name one, or Contract Commitment"

    def _converted(self, agreed: Money, day: date) -> Decimal:
        if agreed.currency == self.currency:
            return agreed.amount
        try:
            factor = self.data.moment.settings.rates.factor(day, agreed.currency, self.currency)
        except MissingRate as error:
            raise Unknowable(f"no exchange rate from {agreed.currency} to {self.currency} for {day}") from error
        return quantise(EXACT.multiply(agreed.amount, factor))

    def _spent(self, period: Period, through: date) -> Decimal:
        parts = self.data.parts.get(self.cost, {})
        return sum(
            (self.data.part(values, self.cost).spent(period, through, self.currency) for values in sorted(parts)),
            Decimal(0),
        )


def _text(money: Money) -> str:
    return amount_text(money.amount, money.currency)


def _exact(money: Money) -> str:
    return exact_text(money.amount, money.currency)
