"""``forecast`` and ``exhausts_in`` of one budget for one group, as readings and as arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from finops.evaluate.forecasting import FEWEST_DAYS, outlook
from finops.evaluate.forecasting.foresee import LOOKED_AT_DAYS, Foreseen, TooShort, foresee
from finops.evaluate.forecasting.history import as_decimal, as_series
from finops.evaluate.judgement.group_data import Unknowable
from finops.evaluate.judgement.reading import NEVER, Reading
from finops.evaluate.kinds.budget.numbers import Numbers
from finops.evaluate.kinds.budget.options import Flexed
from finops.model.money import EXACT, Money, quantise
from finops.model.wording import amount_text, exact_text, moment_text


@dataclass(frozen=True, slots=True)
class Limit:
    """``share``: half the width of the 80 % interval around ``amount``, as a share of it; 0 where it is agreed."""

    amount: Decimal
    share: float
    steps: tuple[str, ...] = ()


@dataclass(slots=True)
class Prospect:
    """Numbers that cannot be said are readings with ``unknown``."""

    numbers: Numbers
    cost: str
    foreseen: Foreseen | None = field(init=False, default=None)
    limit: Limit | None = field(init=False, default=None)
    unknown: str = field(init=False, default="")
    too_early: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        numbers = self.numbers
        try:
            self.foreseen = foresee(numbers.data, self.cost, numbers.currency, numbers.period)
            self.limit = self._limit()
        except Unknowable as error:
            self.unknown, self.too_early = error.reason, isinstance(error, TooShort)

    def forecast(self) -> Reading:
        """The forecast of the whole period, with its 80 % interval, over the period's limit."""
        if self.foreseen is None or self.limit is None:
            return Reading("above", unknown=self.unknown, too_early=self.too_early)
        total, low, high = (self._money(amount) for amount in self._interval(self.foreseen, self.limit))
        limit = self._money(self.limit.amount)
        until = self.numbers.last_day
        expected = " expected" if self.limit.steps else ""
        detail = f"{self._text(total)} by the end of {until}, {self._text(limit)}{expected} to spend"
        return Reading("above", total, limit, detail=detail, low_amount=low, high_amount=high)

    def exhausts_in(self) -> Reading:
        """How long from now until the limit is spent by the forecast; the interval is that of the forecast's path."""
        if isinstance(self.numbers.form, Flexed):
            reason = "no exhausts_in: a budget flexed by demand grows with demand"
            return Reading("below", unknown=reason)
        spent = self.numbers.spent()
        if self.foreseen is None or self.limit is None or (spent.unknown and not spent.too_early):
            early = self.too_early and (spent.too_early or not spent.unknown)
            return Reading("below", unknown=self.unknown or spent.unknown, too_early=early)
        limit = self.limit.amount
        if spent.amount is not None and spent.amount.amount >= limit:
            return Reading("below", duration=timedelta(), detail=f"{self._text(self._money(limit))} is spent already")
        low, high = self.foreseen.bounds()
        late, early_end = self._until(low, limit), self._until(high, limit)
        middle = self._until(self.foreseen.up_to(self.foreseen.amounts), limit)
        as_of = self.numbers.data.moment.as_of
        if middle == NEVER:
            detail = f"{self._text(self._money(self.foreseen.total))} expected by the end of {self.numbers.last_day}"
        else:
            detail = f"{self._text(self._money(limit))} is spent by {moment_text(as_of + middle)}"
        return Reading("below", duration=middle, low_duration=early_end, high_duration=late, detail=detail)

    def amounts(self) -> dict[str, Money]:
        """``forecast`` with its bounds; of a flexed budget also ``forecast_limit``."""
        if self.foreseen is None or self.limit is None:
            return {}
        total, low, high = self._interval(self.foreseen, self.limit)
        amounts = {"forecast": total, "forecast_low": low, "forecast_high": high}
        if self.limit.steps:
            amounts["forecast_limit"] = self.limit.amount
        return {name: self._money(amount) for name, amount in amounts.items()}

    def lines(self) -> dict[str, tuple[Decimal | None, ...]]:
        """Cumulative, aligned with the days of the period, from the last settled day on."""
        if self.foreseen is None or not self.foreseen.days:
            return {}
        foreseen, period = self.foreseen, self.numbers.period
        low, high = foreseen.bounds()
        named = {"forecast": foreseen.up_to(foreseen.amounts), "forecast_low": low, "forecast_high": high}
        return {name: foreseen.line(period, values) for name, values in named.items()}

    def explained(self) -> Iterator[str]:
        """The arithmetic, a line a step."""
        if self.foreseen is None or self.limit is None:
            yield f"forecast unknown: {self.unknown}"
            return
        foreseen, currency = self.foreseen, self.numbers.currency
        yield f"forecast: {exact_text(foreseen.settled, currency)} settled through {foreseen.through}"
        if foreseen.days:
            yield f"from {foreseen.history_days} days of history, usage by weekday, month and trend, fees as they are:"
        for day, amount, usage, fees in zip(
            foreseen.days, foreseen.amounts, foreseen.usage, foreseen.fees, strict=True
        ):
            parts = f"usage {self._short(usage)}" + (f" + fees {self._short(fees)}" if fees else "")
            other = amount - usage - fees
            known = f", with what is known {self._short(amount)}" if abs(other) > 0.005 else ""
            yield f"  {day}  {parts}{known}"
        yield from self.limit.steps
        total, low, high = (exact_text(amount, currency) for amount in self._interval(foreseen, self.limit))
        yield f"expected: {total}, 80 % interval {low} to {high}"
        if self.limit.amount:
            share = EXACT.divide(foreseen.total, self.limit.amount)
            yield f"forecast = {total} ÷ {exact_text(self.limit.amount, currency)} = {share:.6f}"

    def _interval(self, foreseen: Foreseen, limit: Limit) -> tuple[Decimal, Decimal, Decimal]:
        """Total, low and high. An uncertain limit widens both sides by its own share, as if independent of the cost:
        the two mostly move together, so this is wide rather than narrow."""
        total, low, high = foreseen.total, foreseen.total_low, foreseen.total_high
        if not limit.share:
            return total, low, high
        beyond = float(total) * limit.share
        down = as_decimal(math.hypot(float(total - low), beyond))
        up = as_decimal(math.hypot(float(high - total), beyond))
        return total, EXACT.subtract(total, down), EXACT.add(total, up)

    def _limit(self) -> Limit:
        numbers = self.numbers
        if numbers.allowance is None:
            raise Unknowable(numbers.no_allowance)
        if not isinstance(numbers.form, Flexed):
            return Limit(numbers.allowance.limit, 0.0)
        return self._flexed(numbers.form, numbers.allowance.limit, numbers.allowance.last_day)

    def _flexed(self, form: Flexed, earned: Decimal, through: date) -> Limit:
        """What demand has earned, and what the demand foreseen for the rest of the period will earn."""
        ahead = (self.numbers.last_day - through).days
        if ahead <= 0:
            return Limit(earned, 0.0, (f"demand '{form.per}' is known for the whole period",))
        demand = {day: float(value) for day, value in self.numbers.data.demand[form.per].items() if day <= through}
        first = max(min(demand), through - timedelta(days=LOOKED_AT_DAYS))
        days = (through - first).days + 1
        if days < FEWEST_DAYS:
            raise TooShort(f"no forecast: {days} days of demand '{form.per}', {FEWEST_DAYS} are needed")
        off = self.numbers.data.moment.days_off
        seen = outlook(first, as_series(demand, first, through), count=ahead, off=off)
        price = form.amount.amount
        amount = EXACT.add(earned, EXACT.multiply(as_decimal(max(seen.total, 0.0)), price))
        share = float(seen.reach[-1]) * float(price) / float(amount) if amount else 0.0
        more = as_decimal(seen.total).normalize()
        step = (
            f"limit: {exact_text(earned, self.numbers.currency)} earned through {through},"
            f" and {more:f} {form.per} to come × {form.amount} = {exact_text(quantise(amount), self.numbers.currency)}"
        )
        return Limit(quantise(amount), share, (step,))

    def _until(self, cumulative: Sequence[Decimal], limit: Decimal) -> timedelta:
        """From now until a path passes the limit, straight within the day; never before now."""
        foreseen, moment = self.foreseen, self.numbers.data.moment
        assert foreseen is not None  # noqa: S101 - asked for only where there is a forecast
        before = foreseen.settled
        for day, total in zip(foreseen.days, cumulative, strict=True):
            if total >= limit:
                share = float((limit - before) / (total - before)) if total > before else 0.0
                start, end = moment.end_of(day - timedelta(days=1)), moment.end_of(day)
                return max(_minute(start + (end - start) * max(share, 0.0)) - moment.as_of, timedelta())
            before = total
        return NEVER

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.numbers.currency)

    def _text(self, money: Money) -> str:
        return amount_text(money.amount, self.numbers.currency)

    def _short(self, amount: float) -> str:
        return amount_text(as_decimal(amount), self.numbers.currency)


def _minute(moment: datetime) -> datetime:
    """Finer than that a forecast is not."""
    return moment.replace(second=0, microsecond=0)
