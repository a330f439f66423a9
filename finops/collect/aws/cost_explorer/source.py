"""Source kind ``aws-cost-explorer``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.aws.cost_explorer.checking import checks
from finops.collect.aws.cost_explorer.groupings import Grouping
from finops.collect.aws.cost_explorer.months import ASKED_FROM, months_to_ask, reached
from finops.collect.aws.cost_explorer.options import CostExplorerOptions
from finops.collect.aws.cost_explorer.organization import Organization
from finops.collect.aws.cost_explorer.pages import Pages, Question
from finops.collect.aws.cost_explorer.rows import QUANTITY, Accounts, Month, month_of
from finops.errors import LimitReached, NotFound
from finops.model.period import Period, month_start
from finops.ports.clock import Clock
from finops.ports.lake import Known
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals
from finops.ports.request_costs import RequestCosts
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window

_SERVICE = Grouping("DIMENSION", "SERVICE")


def totals_of(pages: Pages, period: Period, metric: str, *, end: date) -> Totals:
    """``metric``: the one that is BilledCost. ``end``: days from here on are not asked for."""
    asked = Question(Period(period.start, end), (_SERVICE,), (metric,))
    month = month_of(pages.read(asked), period, (_SERVICE,), (metric, metric), Accounts(None, {}), pages.source)
    lines = month.rows.select(
        day=pl.col("ChargePeriodStart").dt.date(),
        service=pl.col("ServiceName"),
        currency=pl.col("BillingCurrency"),
        amount=pl.col("BilledCost"),
    )
    return Totals(
        lines=lines.filter(pl.col("amount") != Decimal(0)).cast(TOTALS_SCHEMA),
        cost="BilledCost",
        origin=f"Cost Explorer, {metric} by SERVICE",
        provisional=month.estimated_from is not None,
    )


class CostExplorer:
    """Daily costs by at most two groupings, each month whole.

    A month is read while it is discovered, because only its content says whether it changed: what is offered is in
    memory. Rows have the columns of ``rows.month_of``. It is ``ProviderTotals`` and ``LongDiscovery``, too.
    """

    kind: ClassVar[str] = "aws-cost-explorer"
    Options: ClassVar[type[BaseModel]] = CostExplorerOptions

    def __init__(self, name: str, options: CostExplorerOptions, *, clock: Clock, request_costs: RequestCosts) -> None:
        self.name = name
        self.usage = Usage()
        self.doing: Callable[[str], None] = lambda _: None
        self._options = options
        self._clock = clock
        self._pages = Pages(name, options.endpoint, clock, request_costs, options.max_request_cost_per_day, self.usage)
        self._organization = Organization(name, options.endpoint, self.usage)

    @classmethod
    def from_options(
        cls, name: str, options: CostExplorerOptions, *, clock: Clock, request_costs: RequestCosts
    ) -> CostExplorer:
        return cls(name, options, clock=clock, request_costs=request_costs)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """The open month and the previous one; at first, and after a stop, the months before them too.

        A month without costs is offered only where it had some; one that was not asked for is offered as it is known.
        When the limit of request cost is reached on the way
        back, what was read until then is offered, and a note says what is left. Raises ``LimitReached`` where it is
        reached at the first month, and what asking raises.
        """
        asked = months_to_ask(self._clock.now().date(), known, window, months=self._options.months)
        accounts, notes = self._accounts()
        notes += [f"{month:%Y-%m}: Cost Explorer no longer keeps its days" for month in asked.too_old]
        found: dict[date, Month] = {}
        for number, month in enumerate(asked.months, start=1):
            self.doing(f"asking for {month:%Y-%m}, month {number} of {len(asked.months)}")
            try:
                found[month] = self._month(month, accounts)
            except (LimitReached, NotFound) as error:
                if not found:
                    raise
                left = [f"{other:%Y-%m}" for other in sorted(asked.months) if other not in found]
                notes.append(f"not collected yet: {', '.join(left)} ({error})")
                break
        asked_from = reached(self._clock.now().date(), found, known)
        read = [month for month in found if found[month].rows.height or month in known]
        offers = [self._offer(month, found[month], asked_from) for month in read]
        offers += [_as_known(known[month]) for month in known if month not in found and month in window]
        return Discovery(tuple(sorted(offers, key=lambda offer: offer.billing_period)), tuple(notes))

    def totals(self, period: Period) -> Totals:
        """BilledCost by day and service, asked now; a page costs as much as in a collection."""
        return totals_of(self._pages, period, self._options.metrics[0], end=self._end(period.start))

    def check(self) -> Sequence[Check]:
        """Asks for one page of the newest month, which costs a cent, and says what collections will cost."""
        return checks(self._pages, self._organization, self._options, self._clock.now())

    def _accounts(self) -> tuple[Accounts, list[str]]:
        if all(grouping.column != "SubAccountId" for grouping in self._options.groupings):
            return Accounts(None, {}), []
        return self._organization.accounts()

    def _month(self, month: date, accounts: Accounts) -> Month:
        options = self._options
        by_usage_type = any(grouping.column == "x_UsageType" for grouping in options.groupings)
        metrics = [*options.metrics, *([QUANTITY] if by_usage_type else [])]
        asked = Question(Period(month, self._end(month)), options.groupings, metrics)
        period = Period(month, month_start(month, 1))
        return month_of(self._pages.read(asked), period, options.groupings, options.metrics, accounts, self.name)

    def _end(self, month: date) -> date:
        """Cost Explorer has nothing to say of days to come."""
        return min(month_start(month, 1), self._clock.now().date() + timedelta(days=1))

    def _offer(self, month: date, found: Month, asked_from: date | None) -> Offer:
        rows = found.rows
        estimated_from = found.estimated_from if self._options.estimated else None
        return Offer(
            billing_period=month,
            digest=_digest(rows, estimated_from),
            parts=(Part(f"{self.name}, Cost Explorer {month:%Y-%m}", rows.lazy, billing_period=month),),
            manifest={"pages": found.pages, ASKED_FROM: asked_from.isoformat() if asked_from else None},
            estimated_from=estimated_from,
        )


def _as_known(period: Known) -> Offer:
    """A month that was not asked for: it stays as it is."""
    return Offer(period.billing_period, period.digest, (), period.manifest, period.estimated_from)


def _digest(rows: pl.DataFrame, estimated_from: date | None) -> str:
    """Of the rows as text: the same on every machine and with every version of Polars."""
    text = f"{estimated_from} {rows.select(pl.all().cast(pl.String)).write_csv()}"
    return f"sha256:{sha256(text.encode()).hexdigest()}"
