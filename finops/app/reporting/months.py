"""Every billed month in a line: what its statement says, without making it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import cache
from typing import Any, cast

from finops.app.reporting.bills import billed_month
from finops.app.reporting.make import Statements, same_days, statement_policies
from finops.app.reporting.policies import budgets_of
from finops.errors import MissingRate
from finops.lake.tables.failures import lake_failures
from finops.memo import Memo
from finops.model.evaluation import Settings
from finops.model.money import EXACT, minor_unit, quantise
from finops.model.period import month_start
from finops.model.statement import StatementBudget
from finops.ports.lake import Lake, LakeView
from finops.ports.pages import BilledMonth, MonthTotals, StatementList
from finops.publish.statement import bill_days

_WITH_BUDGETS = 3
"""Newest months whose budgets are evaluated for the list; older statements tell theirs."""

Days = Mapping[tuple[str, str], Mapping[date, Decimal]]
"""(source, currency of the bill) -> day -> EffectiveCost."""


class _Once:
    """Answers as ``of`` does, and asks it once for each question: every month of a list asks the same."""

    def __init__(self, of: object) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        asked = self.__dict__[name] = cache(getattr(self._of, name))
        return asked


@dataclass(frozen=True, slots=True)
class MonthLister:
    """Kept until data, policies or the day change: a page asks for it each time."""

    statements: Statements
    _kept: Memo[StatementList] = field(default_factory=Memo)

    def read(self) -> StatementList:
        """Raises what the stores raise."""
        evaluator = self.statements.evaluator
        settings = evaluator.settings.read()
        digests = tuple(sorted(policy.digest for policy in statement_policies(evaluator.policies)))
        today = self.statements.clock.now().astimezone(settings.timezone).date()
        version = evaluator.lake.version()
        faults = evaluator.lake.faults(version)
        origin = version, digests, settings.rates.digest, settings.dimensions, today, faults.sentences
        with lake_failures(evaluator.lake.uri):
            return self._kept.of(origin, lambda: self._made(evaluator.lake.at(version, without=faults), settings))

    def _made(self, view: LakeView, settings: Settings) -> StatementList:
        bills: dict[date, dict[tuple[str, str], dict[date, Decimal]]] = {}
        for month, source, currency, day, amount in bill_days(view, self.statements.scope):
            bills.setdefault(month, {}).setdefault((source, currency), {})[day] = amount
        lake, once = cast("Lake", _Once(self.statements.evaluator.lake)), cast("LakeView", _Once(view))
        months = [
            self._totals(lake, view, once, settings, month, bills, with_budgets=at < _WITH_BUDGETS)
            for at, month in enumerate(self._months(bills, set(view.faults.sources)))
        ]
        by = dict.fromkeys([*settings.dimensions, "SubAccountId", "SubAccountName", "ServiceName", "RegionId"])
        known = view.scopes().collect_schema().names()
        return StatementList(months, [name for name in by if name in known])

    def _months(self, bills: Mapping[date, Days], faulty: Collection[str]) -> Sequence[BilledMonth]:
        """For a viewer of some teams those months and sources that hold costs of theirs, or may: ``faulty`` ones."""
        months = self.statements.months()
        if self.statements.sight is None:
            return months
        return [
            replace(month, sources=tuple(own))
            for month in months
            if (
                own := sorted({*(of for of, _ in bills.get(month.first, {})), *set(faulty).intersection(month.sources)})
            )
        ]

    def _totals(
        self,
        lake: Lake,
        view: LakeView,
        once: LakeView,
        settings: Settings,
        month: BilledMonth,
        bills: Mapping[date, Days],
        *,
        with_budgets: bool,
    ) -> MonthTotals:
        """``lake`` and ``once``, the view, are asked once for each question."""
        now = self.statements.clock.now()
        end = datetime.combine(month_start(month.first, 1), datetime.min.time(), settings.timezone)
        own, before = bills.get(month.first, {}), bills.get(month_start(month.first, -1), {})
        ends = {source: max(max(days) for (of, _), days in own.items() if of == source) for source, _ in own}
        through = same_days(ends, month.first, -1) if now < end else {}
        broken = [f"{name}: {why}" for name, why in view.faults.sources.items() if name in month.sources]
        if broken:
            return MonthTotals(month, settings.currency, None, unknown="; ".join(broken))
        try:
            effective = _effective(own, settings, {})
        except MissingRate as error:
            return MonthTotals(month, settings.currency, None, unknown=error.what)
        try:
            change = effective - _effective(before, settings, through) if _is_whole(bills, month.first, own) else None
        except MissingRate:
            change = None
        budgets = list(self._budgets(view, settings, month.first, end)) if with_budgets else []
        over = [-left for left in budgets if left < 0]
        agreements = self._agreements(lake, once, settings, month.first) if self.statements.sight is None else []
        return MonthTotals(
            month,
            settings.currency,
            effective,
            change,
            bool(through),
            len(budgets),
            len(over),
            sum(over, Decimal(0)) if with_budgets else None,
            len(agreements),
            agreements.count(True),
            agreements.count(False),
        )

    def _agreements(self, lake: Lake, view: LakeView, settings: Settings, month: date) -> list[bool | None]:
        statements = self.statements
        found = billed_month(
            lake,
            view,
            month,
            (),
            (),
            sources=statements.sources,
            invoices=statements.invoices,
            settling=settings.settling,
            now=statements.clock.now(),
        )
        return [bill.agrees for bill in found.bills]

    def _budgets(self, view: LakeView, settings: Settings, month: date, end: datetime) -> Iterator[Decimal]:
        """What is left of each budget of this very month, in the statement's currency."""
        evaluator, now = self.statements.evaluator, self.statements.clock.now()
        found: Sequence[StatementBudget] = budgets_of(
            [replace(one, spec=one.spec.without_forecast()) for one in statement_policies(evaluator.policies)],
            view,
            min(now, end - timedelta(seconds=1)).astimezone(UTC),
            evaluator.freshness.read(),
            settings,
            by="",
            values=(),
        )
        for one in found:
            left = one.finding.amount.get("remaining")
            is_of_month = one.finding.period.start == month and one.finding.period.end == month_start(month, 1)
            if (
                left is not None
                and self.statements.sees(one.finding)
                and is_of_month
                and left.currency == settings.currency
            ):
                yield left.amount


def _is_whole(bills: Mapping[date, Days], month: date, own: Days) -> bool:
    """Whether the month before holds what this one can be compared with: a bill of each source, from its first day on,
    unless the source billed before it too."""
    first = month_start(month, -1)
    for source in {source for source, _ in own}:
        billed_in = [period for period, of in bills.items() if any(name == source for name, _ in of)]
        days = [min(days) for (name, _), days in bills.get(first, {}).items() if name == source]
        if not days or (min(days) > first and min(billed_in) == first):
            return False
    return True


def _effective(bills: Days, settings: Settings, through: Mapping[str, date]) -> Decimal:
    """Each bill is rounded as its statement rounds it."""
    cent, total = minor_unit(settings.currency), Decimal(0)
    with localcontext(EXACT):
        for (source, currency), days in bills.items():
            last = through.get(source, date.max)
            exact = (
                quantise(amount * settings.rates.factor(day, currency, settings.currency))
                for day, amount in days.items()
                if day <= last
            )
            total += sum(exact, Decimal(0)).quantize(cent, rounding=ROUND_HALF_EVEN)
    return total
