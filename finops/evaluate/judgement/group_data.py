"""Everything that a rule may look at when it judges one group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from finops.errors import MissingRate
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.selection import Values
from finops.evaluate.series.daily_sums import Daily, DailySums
from finops.model.finding import Group
from finops.model.incident import NO_INCIDENTS, KnownIncidents
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period
from finops.model.source_freshness import SourceFreshness
from finops.model.wording import moment_text

_DAY = timedelta(days=1)
OLD = timedelta(days=31)
"""Without newer data for so long, bills of the past are evaluated, not those of now."""


class Unknowable(Exception):
    """Why a number cannot be computed: it turns a verdict into ``unknown``, never into zero.

    Carries the reason as half a sentence; never leaves ``finops.evaluate``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def no_rate(source: str, target: str, day: date, error: MissingRate) -> str:
    """Half a sentence: which rate is missing, and what to write where."""
    return f"no exchange rate from {source} to {target} for {day} ({error.remedy})"


@dataclass(frozen=True, slots=True)
class GroupEmissions:
    """``grams`` of CO2 equivalent by day, within the window asked for. ``covered``: each source of emissions with rows
    in the group, and every day that it has said anything about. ``silent``: configured ones that never delivered a row
    and could hold some of the scope."""

    grams: Mapping[date, Decimal] = field(default_factory=dict)
    covered: Mapping[str, frozenset[date]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


NO_EMISSIONS = GroupEmissions()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One commitment that the lake knows. ``name``: for people. ``is_spend``: an amount was agreed, ``agreed`` if it is
    known. ``start``, ``end`` (exclusive): UTC days, None where they are unknown. ``interval``: FOCUS's
    ContractCommitmentFulfillmentInterval, empty where unknown. ``last_charge``: the last day that costs name it on."""

    id: str
    name: str
    is_spend: bool
    start: date | None
    end: date | None
    agreed: Money | None = None
    interval: str = ""
    last_charge: date | None = None


@dataclass(frozen=True, slots=True)
class GroupData:
    """``seen``: rows matched within ``LOOK_BACK``. ``sources``: those with rows in this group. ``silent``: sources that
    have delivered no rows yet and could hold some of this scope. ``daily``: costs of the window, up to today.
    ``demand``: each series that the rule asked for, by day, as far as it concerns the group. ``parts``: where the rule
    splits costs, ``daily`` of each part by cost column; parts of one column add up to the group. ``emitted``: what
    was emitted, where the rule asked for it. ``unknown_costs``: which rows lack the cost that is summed, and which
    shares of it are unknown; empty where none does. ``broken``: why what the
    lake holds must not be counted, and what repairs it; empty where it can. ``newest``: up to when the source that
    reaches farthest has delivered, whatever its rows are of. ``agreements``: in force or yet to begin, by end;
    ``ended``: the last that is over; ``bills_begin``: source -> its first billing period. All three where the rule
    asked for agreements. ``whole``: ``daily`` of all groups of the policy together, where the rule asked for it and
    this group is young. ``incidents``: what the state knows of the group's."""

    moment: Moment
    group: Group
    seen: bool
    sources: tuple[SourceFreshness, ...]
    silent: tuple[SourceFreshness, ...]
    daily: Daily
    demand: Mapping[str, Mapping[date, Decimal]]
    parts: Mapping[str, Mapping[Values, Daily]] = field(default_factory=dict)
    emitted: GroupEmissions = NO_EMISSIONS
    unknown_costs: str = ""
    broken: str = ""
    newest: datetime | None = None
    agreements: tuple[Agreement, ...] = ()
    ended: Agreement | None = None
    bills_begin: Mapping[str, date] = field(default_factory=dict)
    whole: Daily | None = None
    incidents: KnownIncidents = NO_INCIDENTS
    _spent: dict[tuple[Period, date, str], Decimal] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # a rule asks for the same sum many times

    @property
    def settled_through(self) -> date | None:
        """The last day that is settled in every source of the group; of emissions, that all of their sources have."""
        if self.emitted.covered:
            return min(max(days) for days in self.emitted.covered.values())
        days = [self.moment.settled_through(source) for source in self.sources]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None

    def only(self, day: date, currency: str) -> GroupData:
        """The same facts with the costs of one day in one currency."""
        return replace(self, daily={day: {currency: self.daily[day][currency]}})

    def part(self, values: Values, cost: str) -> GroupData:
        """The same facts with the costs of one part, in one of the cost columns that the rule asked for."""
        return replace(self, daily=self.parts[cost].get(values, {}))

    def needs_no_rate(self, currency: str) -> bool:
        """Whether every day is surely told in ``currency``."""
        return isinstance(self.daily, DailySums) and self.daily.only_in(currency)

    def converted(self, day: date, currency: str) -> Decimal:
        """What ``day`` cost in ``currency``, each amount with the day's own rate, half-even at 15 digits.

        Raises ``Unknowable`` where a rate is missing.
        """
        of_day = self.daily.get(day)
        if of_day is None:
            return Decimal(0)
        if len(of_day) == 1 and currency in of_day:
            return of_day[currency]
        rates = self.moment.settings.rates
        total = Decimal(0)
        for own, amount in sorted(of_day.items()):
            if own == currency:
                total = EXACT.add(total, amount)
            else:
                try:
                    factor = rates.factor(day, own, currency)
                except MissingRate as error:
                    raise Unknowable(no_rate(own, currency, day, error)) from error
                total = EXACT.add(total, quantise(EXACT.multiply(amount, factor)))
        return total

    def by_day(self, days: Sequence[date], currency: str) -> Sequence[Decimal]:
        """``converted`` of each day. Raises ``Unknowable``."""
        if isinstance(self.daily, DailySums) and self.daily.only_in(currency):
            return self.daily.on(days, currency)
        return [self.converted(day, currency) for day in days]

    def spent(self, period: Period, through: date, currency: str) -> Decimal:
        """The sum of the period's days up to and with ``through``. Raises ``Unknowable``."""
        daily = self.daily
        if isinstance(daily, DailySums) and daily.only_in(currency):
            return daily.spent(period, through, currency)
        asked = period, through, currency
        if asked not in self._spent:
            with localcontext(EXACT):
                days = [day for day in period if day <= through and day in self.daily]
                self._spent[asked] = sum((self.converted(day, currency) for day in days), Decimal(0))
        return self._spent[asked]

    @property
    def known_through(self) -> date:
        """The last day, up to today, that has a row or that a source of the group has delivered something of."""
        today, reached = self.moment.today, [day for day in self._reached() if day is not None]
        if not reached or (last := max(reached)) >= today or self._has_day(Period(last + _DAY, today + _DAY)):
            return today
        return last

    def _reached(self) -> list[date | None]:
        """Of each source of the group, the last day that it has delivered something of."""
        return [
            (one.complete_through.astimezone(self.moment.settings.timezone) - timedelta(microseconds=1)).date()
            if one.complete_through is not None
            else None
            for one in self.sources
        ]

    def unreached(self, period: Period) -> str | None:
        """Why nothing can be said of what ``period`` cost: it has no row, and not every source has delivered any of its
        days. None where its cost is known: a period that is delivered and has no row cost nothing, nor has one that
        has not begun."""
        if self.moment.today < period.start or self._has_day(period):
            return None
        if not self.seen and not self.silent:
            return self._no_rows
        reached = [day for day in self._reached() if day is not None]
        whole = len(reached) == len(self.sources) > 0 and not self.silent
        if whole and min(reached) >= period.start:
            return None
        told = f"data reach {min(reached)}" if reached else "no data have arrived"
        return f"no cost of {period} yet: {told}"

    def _has_day(self, period: Period) -> bool:
        """Whether a day of ``period`` up to today has rows."""
        last = min(period.last_day, self.moment.today)
        if isinstance(self.daily, DailySums):
            return self.daily.has_day(period.start - _DAY, last)
        return any(period.start <= day <= last and of_day for day, of_day in self.daily.items())

    def gap(self, last_day: date) -> str | None:
        """Why a number over the days up to ``last_day`` may lack rows: it can then fire, but never be ok."""
        if not self.seen and not self.silent:
            return self._no_rows
        due = min(last_day, self.moment.last_day_due)
        reasons = [
            f"{source.source} is late: its data reaches {_reach(source)} and {due} is due"
            for source in self.sources
            if not self.moment.reaches(source, due)
        ]
        reasons += [f"{source.source} has never delivered a row" for source in self.silent]
        if not self.sources and not self.silent:
            reasons.append("no configured source delivers this scope")
        if self.unknown_costs:
            reasons.append(self.unknown_costs)
        return f"{'; '.join(reasons)}{self.old_data}" if reasons else None

    @property
    def _no_rows(self) -> str:
        return f"no data: no row of the last year matches the scope{self.old_data}"

    @property
    def old_data(self) -> str:
        """Where no source has delivered for long: which bill is the newest, and how to evaluate it."""
        newest = self.newest
        if newest is None or newest > self.moment.as_of - OLD:
            return ""
        last = newest - timedelta(minutes=1)
        return (
            f". The newest bill is complete through {last:%Y-%m-%d}: finops evaluate --as-of {last:%Y-%m-%dT%H:%M:00Z}"
        )


def _reach(source: SourceFreshness) -> str:
    if source.complete_through is None:
        return "nowhere"
    return f"{moment_text(source.complete_through)}{source.held_up_by()}"
