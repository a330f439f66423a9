"""The oracle of the demo: exact sums, expected budget verdicts, incidents and the restatement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

import polars as pl

from finops.demo.azure import with_meter_fault
from finops.demo.bills import months_of
from finops.demo.columns import COSTS
from finops.demo.generate import WrittenDemo
from finops.demo.incidents import Incident, planted
from finops.demo.organisation import BUDGETS_EUR, CURRENCIES, TEAMS, SourceName
from finops.demo.project import ProjectBudget
from finops.demo.timeline import Timeline
from finops.model.money import EXACT
from finops.model.period import Period, month_start
from finops.model.rates import Rates

SETTLED_AFTER_DAYS = 3
"""At a moment of ``until`` the last day that ended 48 hours ago or longer is the third one before it."""

Sums = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """One billing period of one source: rows and the four costs in the bill's own currency."""

    rows: int
    currency: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Restatement:
    """A closed month that is delivered twice; ``restate`` brings the second delivery."""

    source: str
    billing_period: date
    file: str
    before: PeriodSums
    after: PeriodSums

    @property
    def restated(self) -> Sums:
        return {cost: self.after.sums[cost] - self.before.sums[cost] for cost in COSTS}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a monthly budget without Tax should show for a team at ``until`` (EUR; ``pace`` over settled days)."""

    team: str
    amount: Decimal
    spent: Decimal
    settled_through: date | None
    pace: float | None


@dataclass(frozen=True, slots=True)
class Truth:
    """Amounts after the restatement. ``months``: EffectiveCost in EUR by month of the charge and team, Tax apart."""

    until: date
    days: int
    sources: Mapping[str, Mapping[date, PeriodSums]]
    months: Mapping[date, Mapping[str, Decimal]]
    tax: Mapping[date, Mapping[str, Decimal]]
    budgets: Sequence[Expected]
    project: ProjectBudget
    project_spent: Decimal
    restatement: Restatement
    incidents: Sequence[Incident]


def period_sums(rows: pl.DataFrame, currency: str) -> PeriodSums:
    sums: Sequence[Decimal] = rows.select(pl.col(COSTS).sum()).row(0)
    return PeriodSums(rows.height, currency, dict(zip(COSTS, sums, strict=True)))


def source_sums(bills: Mapping[SourceName, pl.DataFrame]) -> dict[str, dict[date, PeriodSums]]:
    return {
        source: {month: period_sums(part, CURRENCIES[source]) for month, part in months_of(rows)}
        for source, rows in bills.items()
    }


@dataclass(frozen=True, slots=True)
class DailyEuro:
    """EffectiveCost in EUR by (day, team, product); Tax is kept apart."""

    spend: dict[tuple[date, str], Decimal]
    tax: dict[tuple[date, str], Decimal]
    products: dict[tuple[date, str], Decimal]

    def by_month(self, *, tax: bool) -> dict[date, dict[str, Decimal]]:
        months: dict[date, dict[str, Decimal]] = {}
        for (day, team), amount in sorted((self.tax if tax else self.spend).items()):
            of_month = months.setdefault(month_start(day), dict.fromkeys(TEAMS, Decimal(0)))
            of_month[team] += amount
        return months

    def between(self, team: str, start: date, end: date) -> Decimal:
        """Sum over the days from ``start`` up to, not including, ``end``."""
        return _between(self.spend, team, start, end)

    def product_between(self, product: str, start: date, end: date) -> Decimal:
        return _between(self.products, product, start, end)


def _between(amounts: Mapping[tuple[date, str], Decimal], key: str, start: date, end: date) -> Decimal:
    days = (start + timedelta(days=offset) for offset in range((end - start).days))
    return sum((amounts.get((day, key), Decimal(0)) for day in days), Decimal(0))


def daily_euro(bills: Mapping[SourceName, pl.DataFrame], rates: Rates) -> DailyEuro:
    """Rows that last longer than a day are spread evenly over their days; each day is converted at its own rate."""
    euro = DailyEuro({}, {}, {})
    for source, rows in bills.items():
        product = pl.col("Tags").str.json_path_match("$.product")
        length = (pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")).dt.total_days()
        sums = (
            rows.with_columns(product=product, length=length, is_tax=pl.col("ChargeCategory") == "Tax")
            .group_by("day", "length", "team", "product", "is_tax")
            .agg(pl.col("EffectiveCost").sum())
            .sort("day", "length", "team", "product", "is_tax")
        )
        for first, length_days, team, of_product, is_tax, cost in sums.iter_rows():
            for day in (first + timedelta(days=offset) for offset in range(length_days)):
                with localcontext(EXACT):
                    amount = cost / length_days * rates.factor(day, CURRENCIES[source], "EUR")
                    _add(euro.tax if is_tax else euro.spend, (day, team), amount)
                    if of_product and not is_tax:
                        _add(euro.products, (day, of_product), amount)
    return euro


def expected_budgets(euro: DailyEuro, timeline: Timeline) -> list[Expected]:
    """The monthly budgets of the starter policies at ``until``, linear in the month's days."""
    month = Period(month_start(timeline.until), month_start(timeline.until, 1))
    settled_end = timeline.until - timedelta(days=SETTLED_AFTER_DAYS - 1)
    settled = settled_end > month.start
    budgets = []
    for team, amount in BUDGETS_EUR.items():
        due = Decimal(amount) * (settled_end - month.start).days / month.days
        pace = float(euro.between(team, month.start, settled_end) / due) if settled else None
        spent = euro.between(team, month.start, timeline.until)
        through = settled_end - timedelta(days=1) if settled else None
        budgets.append(Expected(team, Decimal(amount), spent, through, pace))
    return budgets


def _add(amounts: dict[tuple[date, str], Decimal], key: tuple[date, str], amount: Decimal) -> None:
    amounts[key] = amounts.get(key, Decimal(0)) + amount


def truth_of(demo: WrittenDemo) -> Truth:
    """What a demo should show."""
    timeline, bills = demo.timeline, demo.bills
    euro = daily_euro(bills, demo.rates)
    month = demo.restated_month
    right = next(part for at, part in months_of(bills["azure"]) if at == month)
    before, after = (period_sums(part, CURRENCIES["azure"]) for part in (with_meter_fault(right), right))
    return Truth(
        until=timeline.until,
        days=timeline.length_days,
        sources=source_sums(bills),
        months=euro.by_month(tax=False),
        tax=euro.by_month(tax=True),
        budgets=expected_budgets(euro, timeline),
        project=demo.project,
        project_spent=euro.product_between(demo.project.product, demo.project.start, timeline.until),
        restatement=Restatement("azure", month, f"bills/azure/focus-{month:%Y-%m}.csv.gz", before, after),
        incidents=planted(timeline),
    )
