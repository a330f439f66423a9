"""What sources of AI vendors share: months, digests, checks. What is asked, each vendor says itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

import polars as pl
import structlog

from finops.collect.vendors.focus_rows import Seller, focus_rows
from finops.collect.vendors.line import Line, uncounted
from finops.collect.vendors.options import VendorOptions, months_to_read
from finops.errors import AccessDenied, FinopsError
from finops.http_client import Answers, JsonApi
from finops.model.period import Period, month_start
from finops.ports.clock import Clock
from finops.ports.lake import Known
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window

log = structlog.get_logger("finops.collect")

DailyTotals = Iterator[tuple[date, str, Decimal]]
"""Day, currency, amount."""


class VendorCosts(ABC):
    """A bill that is asked for month by month. Answers are held in memory: a row a day, project and kind of token."""

    kind: ClassVar[str]

    def __init__(self, name: str, options: VendorOptions, api: JsonApi, clock: Clock) -> None:
        self.name = name
        self.usage: Usage = api.usage
        self._options = options
        self._api = api
        self._clock = clock
        self._notes: list[str] = []
        """What the lines of this discovery leave out, in sentences; each is reported once."""

    @abstractmethod
    def seller(self, answers: Answers) -> tuple[Seller, tuple[str, ...]]:
        """What all rows share, and notes for people about what could not be asked."""

    @abstractmethod
    def lines(self, answers: Answers, days: Period) -> list[Line]:
        """The lines of these days, with their tokens."""

    @abstractmethod
    def daily_totals(self, answers: Answers, days: Period) -> DailyTotals:
        """What the vendor says that each day cost, not split by anything."""

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """One offer a month that has rows, or had them. Raises what asking raises."""
        today = self._today()
        months = months_to_read(today, known, window, newest=self._options.months, since=self._options.since)
        offers, uncounted_lines = [], 0
        self._notes.clear()
        with self._api.session() as answers:
            seller, notes = self.seller(answers)
            for place, month in enumerate(months, start=1):
                lines = self.lines(answers, _begun(month, today))
                log.info(
                    "month asked",
                    source=self.name,
                    month=f"{month:%Y-%m}",
                    lines=len(lines),
                    of=f"{place}/{len(months)}",
                )
                uncounted_lines += uncounted(lines)
                if lines or month in known:
                    offers.append(_offer(self.name, month, focus_rows(month, lines, seller)))
        notes = (*notes, *dict.fromkeys(self._notes))
        if uncounted_lines:
            notes = (
                *notes,
                f"{uncounted_lines} token lines have no quantity, and no usage report counts them separately",
            )
        return Discovery(tuple(offers), notes)

    def check(self) -> Sequence[Check]:
        """Whether the key opens the cost report, and what else it opens."""
        today = self._today()
        days = Period(month_start(today, -1), today + timedelta(days=1))
        try:
            with self._api.session() as answers:
                costs = sorted(day for day, _, amount in self.daily_totals(answers, days) if amount)
                _, notes = self.seller(answers)
        except FinopsError as error:
            return [Check(self._api.address, passed=False, detail=str(error))]
        newest = f"costs until {costs[-1]}" if costs else f"no costs since {days.start}"
        return [
            Check(self._api.address, passed=True, detail=newest),
            *(Check("names", passed=True, detail=note) for note in notes),
        ]

    def totals(self, period: Period) -> Totals:
        """See ``finops.ports.provider_totals.ProviderTotals``."""
        lines: list[dict[str, object]] = []
        with self._api.session() as answers:
            for day, currency, amount in self.daily_totals(answers, _begun(period.start, self._today())):
                lines.append({"day": day, "service": None, "currency": currency, "amount": amount})
        open_still = self._today() < month_start(period.end, 1)
        origin = f"{self._api.address.rstrip('/')}, the cost report by day"
        return Totals(pl.DataFrame(lines, schema=TOTALS_SCHEMA), "BilledCost", origin, provisional=open_still)

    def _today(self) -> date:
        return self._clock.now().astimezone(UTC).date()


def optional(asked: str, note: str, ask: Iterator[tuple[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What ``ask`` gives (id, name); nothing and a note where the key may not ask it."""
    try:
        return dict(ask), ()
    except AccessDenied:
        return {}, (f"{note}: the key has no access to {asked}",)


def _begun(month: date, today: date) -> Period:
    """The days of ``month`` that have begun."""
    return Period(month, min(month_start(month, 1), today + timedelta(days=1)))


def _offer(name: str, month: date, rows: pl.DataFrame) -> Offer:
    digest = sha256(rows.write_csv().encode()).hexdigest()
    return Offer(month, f"sha256:{digest}", (Part(f"{name} {month:%Y-%m}", rows.lazy),))
