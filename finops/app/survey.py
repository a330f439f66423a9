"""Bills as they are, before anything is configured: what is in them, and what a first configuration would say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import polars as pl

from finops.collect.files import FocusFiles
from finops.errors import NotFound
from finops.focus.delivery import deliver
from finops.lake.rollup.spread import READS, by_day
from finops.model.period import month_start
from finops.ports.lake import COSTS

SOURCE = "bills"
COST = "EffectiveCost"
LABELS = ("ServiceProviderName", "ServiceName", "SubAccountId", "SubAccountName", "ChargeCategory", "ChargeFrequency")
RECENT_DAYS = 92
"""Shares are of so many days before the newest one."""
_UTC = ZoneInfo("UTC")
_DAY = timedelta(days=1)
_FRESH = timedelta(days=5)
"""A bill of last month is the newest there is for so long."""
_OWNERS = re.compile(
    r"(^|[^a-z])(team|owner|squad|cost.?cent(er|re)|department|dept|business.?unit|project|product|application|app)"
    r"($|[^a-z])",
    re.IGNORECASE,
)
_MOST_TAGS = 200_000
"""Distinct sets of tags that are looked into, the most expensive first."""


@dataclass(frozen=True, slots=True)
class Month:
    """``amount`` without taxes, in the currency asked for. ``whole``: it has rows from its first to its last day."""

    start: date
    amount: Decimal
    first: date
    last: date

    @property
    def whole(self) -> bool:
        return self.first == self.start and self.last == month_start(self.start, 1) - _DAY


@dataclass(frozen=True, slots=True)
class Survey:
    """``cells``: ``day``, ``BillingCurrency``, ``LABELS``, the four costs and ``rows``, a row each.

    ``currencies``: by cost of the recent days, the largest first. ``owner_tags``: tag keys that name an owner, each
    with its share of the recent cost, the best first. ``untagged``: accounts (id, name, share) whose recent cost has
    none of them. ``unowned``: the share of the recent cost without any. ``notes``: what reading said.
    """

    cells: pl.DataFrame
    currencies: tuple[str, ...]
    owner_tags: Mapping[str, Decimal]
    untagged: tuple[tuple[str, str, Decimal], ...]
    unowned: Decimal
    notes: tuple[str, ...]

    @property
    def currency(self) -> str:
        return self.currencies[0]

    @property
    def first(self) -> date:
        return _day(self.cells, "min")

    @property
    def newest(self) -> date:
        return _day(self.cells, "max")

    @property
    def end(self) -> datetime:
        """The last minute of the newest day, which is still in its month."""
        return datetime.combine(self.newest + _DAY, datetime.min.time(), _UTC) - timedelta(minutes=1)

    def as_of(self, now: datetime) -> datetime | None:
        """When to evaluate bills that ended before this month: the last minute of the newest day. None: now."""
        if self.newest >= month_start(now.date()) or now - self.end < _FRESH:
            return None
        return self.end

    def in_currency(self, currency: str) -> pl.DataFrame:
        """``cells`` of one currency."""
        return self.cells.filter(pl.col("BillingCurrency") == currency)

    def months(self, currency: str) -> list[Month]:
        """What each month came to without taxes, oldest first."""
        without_tax = self.in_currency(currency).filter(pl.col("ChargeCategory").ne_missing("Tax"))
        found = (
            without_tax.group_by(pl.col("day").dt.month_start().alias("month"))
            .agg(pl.col(COST).sum(), pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
            .sort("month")
        )
        return [Month(*row) for row in found.iter_rows()]

    def budget(self, currency: str) -> Decimal | None:
        """An ordinary month: the median of the last three whole ones, else the days there are scaled to a month,
        rounded up to two digits that count. None where nothing was paid in ``currency``."""
        months = self.months(currency)
        whole = [month.amount for month in months if month.whole][-3:]
        if whole:
            usual = median(whole)
        elif months:
            days = (months[-1].last - months[0].first).days + 1
            usual = sum((month.amount for month in months), Decimal(0)) / days * 30
        else:
            return None
        return _rounded_up(usual) if usual > 0 else None


def survey(
    paths: Sequence[str],
    *,
    base: Path,
    endpoint: str | None = None,
    doing: Callable[[str], None] = lambda _text: None,
) -> Survey:
    """Reads every bill of ``paths`` as the source kind ``focus-files`` reads them; nothing is written.

    Raises what reading raises, and ``NotFound`` for bills without a row.
    """
    doing("looking for bills")
    discovery = FocusFiles(SOURCE, paths, base=base, endpoint=endpoint).discover({})
    doing("reading")
    delivery = deliver(SOURCE, discovery.offers)
    keys = (*LABELS, "Tags", "BillingCurrency", *(name for name in READS if name not in LABELS))
    sums = [pl.col(COSTS).sum(), pl.len().cast(pl.Int64).alias("rows")]
    added = delivery.rows.group_by(keys).agg(sums).collect(engine="streaming")
    tally = delivery.verify()
    if added.is_empty():
        raise NotFound("the bills have no rows", where=", ".join(paths), remedy="Export a period that has charges")
    doing("adding up")
    tagged = by_day(added.lazy(), _UTC, COSTS).collect()
    of_day = [*LABELS, "BillingCurrency", "day"]
    cells = tagged.group_by(of_day).agg(pl.col(COSTS).sum(), pl.col("rows").sum()).sort(of_day, nulls_last=True)
    recent = tagged.filter(pl.col("day") > _day(cells, "max") - timedelta(days=RECENT_DAYS))
    return Survey(cells, _currencies(recent), *_owners(recent), (*discovery.notes, *tally.notes))


def _day(cells: pl.DataFrame, which: str) -> date:
    found = cells["day"].min() if which == "min" else cells["day"].max()
    assert isinstance(found, date)  # noqa: S101 - a survey has rows
    return found


def _currencies(recent: pl.DataFrame) -> tuple[str, ...]:
    by_cost = recent.group_by("BillingCurrency").agg(pl.col(COST).abs().sum()).sort(COST, descending=True)
    return tuple(by_cost["BillingCurrency"].to_list())


def _owners(recent: pl.DataFrame) -> tuple[dict[str, Decimal], tuple[tuple[str, str, Decimal], ...], Decimal]:
    """``owner_tags``, ``untagged``, ``unowned``; of the largest currency: amounts of two cannot be added."""
    own = recent.filter(pl.col("BillingCurrency") == _currencies(recent)[0])
    total = Decimal(own[COST].abs().sum())
    by_tags = own.group_by("Tags").agg(pl.col(COST).abs().sum()).sort(COST, descending=True).head(_MOST_TAGS)
    shares: dict[str, Decimal] = {}
    without: list[str | None] = []
    for text, cost in by_tags.iter_rows():
        tags = json.loads(text) if text else {}
        owners = [key for key, value in tags.items() if value and _OWNERS.search(key)]
        for key in owners:
            shares[key] = shares.get(key, Decimal(0)) + cost
        if not owners:
            without.append(text)
    if not total:
        return {}, (), Decimal(1)
    ranked = sorted(shares, key=lambda key: (-shares[key], key))
    bare = own.filter(pl.col("Tags").is_null() | pl.col("Tags").is_in([text for text in without if text]))
    accounts = (
        bare.drop_nulls("SubAccountId")
        .group_by("SubAccountId")
        .agg(pl.col("SubAccountName").drop_nulls().first(), pl.col(COST).abs().sum())
        .sort(COST, "SubAccountId", descending=[True, False])
    )
    return (
        {key: shares[key] / total for key in ranked if shares[key]},
        tuple((account, name or "", cost / total) for account, name, cost in accounts.iter_rows() if cost),
        Decimal(bare[COST].abs().sum()) / total,
    )


def _rounded_up(amount: Decimal) -> Decimal:
    step = max(Decimal(1).scaleb(amount.adjusted() - 1), Decimal("0.01"))
    return (amount / step).to_integral_value(ROUND_CEILING) * step
