"""Lake, policies and invoices -> one month's statement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from glob import has_magic

import structlog

from finops.app.evaluation.evaluate import Evaluator
from finops.app.policies.owners import unset_values
from finops.app.policies.policy_files import PolicyFiles
from finops.app.reporting.bills import billed_month
from finops.app.reporting.policies import budgets_of, verdicts_of
from finops.app.savings import Savings
from finops.app.team_sight import TeamSight
from finops.conditions import parse
from finops.errors import BadArguments, BrokenStore, MissingRate, NotFound
from finops.evaluate.cases.allocation import unknown_shares
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.totals.month import month_forecast
from finops.lake.tables.failures import lake_failures
from finops.model.cost_links import costs_behind
from finops.model.data_version import DataVersion
from finops.model.evaluation import Settings
from finops.model.finding import Finding
from finops.model.invoice import Invoice
from finops.model.money import EXACT, minor_unit, quantise
from finops.model.month_costs import MonthForecast
from finops.model.period import Period, month_start
from finops.model.policy import Policy, WrittenPolicy
from finops.model.saving import MeasuredSaving
from finops.model.source_freshness import SourceFreshness
from finops.model.statement import Past, Statement, StatementLine
from finops.model.team_scope import TeamScope
from finops.ports.clock import Clock
from finops.ports.lake import Lake, LakeView
from finops.ports.pages import BilledMonth
from finops.publish.statement import Apart, LineKey, billed_apart, charged_days, in_cents, month_lines

log = structlog.get_logger(__name__)

Exact = Mapping[LineKey, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of the bills of ``sources``. ``invoices``: those typed into finops.yaml.

    ``sight``: whose viewer they are for; None: everybody's. A team's statement holds its rows, and no bill: those are
    of all teams together. ``savings``: claims that they may see.
    ``site``: see ``finops.model.statement.Statement``.
    """

    evaluator: Evaluator
    sources: Sequence[str]
    invoices: Sequence[Invoice]
    clock: Clock
    sight: TeamSight | None = None
    savings: Savings | None = None
    site: str | None = None

    @property
    def scope(self) -> TeamScope | None:
        return self.sight.scope if self.sight is not None else None

    def sees(self, finding: Finding) -> bool:
        return self.sight is None or self.sight.sees(finding)

    def make(self, month: date, *, by: str | None = None) -> Statement:
        """The statement of the billing month that begins on ``month``, from the newest data.

        ``by``: a dimension or a text column of ``scopes``; by default the first dimension of finops.yaml. Raises
        ``BadArguments``, ``NotFound`` without any bill of the month, ``MissingRate``, what the stores raise.
        """
        lake = self.evaluator.lake
        lake.heal()
        with lake_failures(lake.uri):
            statement = self._made(month, by)
            # until no collection came between: bills and rows of one version
            while lake.version() != statement.data_version:
                statement = self._made(month, by)
        return statement

    def months(self) -> Sequence[BilledMonth]:
        """Every billing month of which a configured source has delivered a bill, the newest first.

        A month is settled so long after its end as ``settling:`` says.
        """
        lake, settling = self.evaluator.lake, self.evaluator.settings.config.settling
        sources: dict[date, list[str]] = {}
        for name in sorted(self.sources):
            for period in lake.known(name):
                sources.setdefault(period, []).append(name)
        now = self.clock.now()
        return [
            BilledMonth(first, tuple(sources[first]), _end(first) + settling <= now)
            for first in sorted(sources, reverse=True)
        ]

    def _made(self, month: date, by: str | None) -> Statement:
        now, lake = self.clock.now(), self.evaluator.lake
        version = lake.version()
        _check_sound(lake, version)
        view = lake.at(version)
        settings = self.evaluator.settings.read()
        whose = _checked(by or next(iter(settings.dimensions), "SubAccountId"), view)
        end = datetime.combine(month_start(month, 1), datetime.min.time(), settings.timezone)
        exact = month_lines(view, month, by=whose, currency=settings.currency, rates=settings.rates, of=self.scope)
        shares = month_lines(
            view.allocated_alone(), month, by=whose, currency=settings.currency, rates=settings.rates, of=self.scope
        )
        if not exact and not shares:
            raise NotFound(
                _no_bill(self.months(), month), where=f"the lake, {month:%Y-%m}", remedy="Choose another --month"
            )
        lines = _lines(exact, shares, settings.currency)
        freshness = self.evaluator.freshness.read()
        bills = billed_month(
            lake,
            view,
            month,
            lines,
            freshness,
            sources=self.sources,
            invoices=self.invoices,
            settling=settings.settling,
            now=now,
        )
        policies = statement_policies(self.evaluator.policies)
        at_the_end = min(now, end - timedelta(seconds=1))
        settled = min(now, end + settings.settling)
        sources = {key.source for key in exact}
        ends = (
            {source: last for source, (_, last) in charged_days(view, month, self.scope).items()} if now < end else {}
        )
        apart = billed_apart(view, month, by=whose, of=self.scope)
        forecast, no_forecast = self._forecast(view, month, Moment(now, settings), freshness, apart)
        budgets = [
            budget
            for budget in budgets_of(
                policies, view, at_the_end, freshness, settings, by=whose, values={line.whose for line in lines}
            )
            if self.sees(budget.finding)
        ]
        unit_costs = tuple(filter(self.sees, verdicts_of("unit_costs", policies, view, settled, freshness, settings)))
        written = {policy.name: WrittenPolicy.of(policy) for policy in policies if self._shows(policy)}
        judged = [*(budget.finding for budget in budgets), *unit_costs]
        return Statement(
            month=month,
            by=whose,
            currency=settings.currency,
            timezone=settings.timezone.key,
            made_at=now,
            data_version=version,
            lines=lines,
            last_month=_past(
                lake, view, month_start(month, -1), whose, settings, sources, same_days(ends, month, -1), self.scope
            ),
            last_year=_past(
                lake, view, month_start(month, -12), whose, settings, sources, same_days(ends, month, -12), self.scope
            ),
            bills=bills.bills if self.sight is None else (),
            restated=bills.restated if self.sight is None else (),
            budgets=tuple(budgets),
            unit_costs=unit_costs,
            unset=unset_values(policies, whose),
            provisional=bills.provisional,
            faults=bills.faults,
            savings=self._saved(month),
            unshared=_unshared(view, month, amounts=self.sight is None),
            forecast=forecast,
            no_forecast=no_forecast,
            site=self.site,
            apart=_days_billed(apart, month),
            behind={one.id: costs_behind(one, written.get(one.policy)) for one in judged},
        )

    def _forecast(
        self,
        view: LakeView,
        month: date,
        moment: Moment,
        freshness: Sequence[SourceFreshness],
        apart: Sequence[Apart],
    ) -> tuple[MonthForecast | None, str]:
        """The forecast of the month's days, with what its bills have more than those; nothing unless the month runs."""
        if month != month_start(moment.today):
            return None, ""
        settings, scope = moment.settings, self.scope
        within = parse(scope.condition, self.evaluator.policies.columns) if scope is not None else None
        of_days, why = month_forecast(view, moment, freshness, within=within)
        if of_days is None:
            return None, why
        try:
            more = _more_than_its_days(apart, settings)
        except MissingRate as error:
            return None, f"no forecast: {error.what}"
        cent = minor_unit(settings.currency)
        amount, low, high = (
            EXACT.add(one, more).quantize(cent, context=EXACT) for one in (of_days.amount, of_days.low, of_days.high)
        )
        return MonthForecast((), amount, low, high), ""

    def _shows(self, policy: Policy) -> bool:
        """Whether its scope may be told: it can name other teams."""
        return self.sight is None or self.sight.sees_policy(policy.name, policy.digest)

    def _saved(self, month: date) -> tuple[MeasuredSaving, ...]:
        if self.savings is None or not self.savings.claims():
            return ()
        found = self.savings.measured(month=month, most_rows=0).savings
        return tuple(one for one in found if one.saved is not None)


def _more_than_its_days(apart: Sequence[Apart], settings: Settings) -> Decimal:
    """Raises ``MissingRate``."""
    with localcontext(EXACT):
        converted = (
            quantise(one.effective * settings.rates.factor(one.day, one.currency, settings.currency))
            * (1 if one.billed else -1)
            for one in apart
        )
        return sum(converted, Decimal(0))


def _days_billed(apart: Sequence[Apart], month: date) -> Mapping[tuple[str, str], Period]:
    """As ``Statement.apart`` wants it: the month, and the other days that its bills hold."""
    found: dict[tuple[str, str], Period] = {}
    for one in apart:
        days = found.get((one.whose, one.service), Period(month, month_start(month, 1)))
        if one.billed:
            days = Period(min(days.start, one.day), max(days.end, one.day + timedelta(days=1)))
        found[one.whose, one.service] = days
    return found


def _end(first: date) -> datetime:
    return datetime.combine(month_start(first, 1), datetime.min.time(), UTC)


def _check_sound(lake: Lake, version: DataVersion) -> None:
    """Raises ``BrokenStore``: a statement has every row, or there is none."""
    for source, why in lake.faults(version).sources.items():
        raise BrokenStore(f"{source}: {why}", where=lake.uri, remedy="Then make the statement again")


def statement_policies(policies: PolicyFiles) -> list[Policy]:
    """A bill has a statement before anybody wrote a policy; the log says that there is none."""
    if any(has_magic(str(path)) or path.exists() for path in policies.paths):
        loaded = policies.load_each()
        for fault in loaded.faults:
            log.warning("a policy file is invalid; the statement counts its last good version", fault=str(fault))
        return list(loaded.policies)
    log.warning("the statement has no budgets: there are no policies", policies=", ".join(map(str, policies.paths)))
    return []


def _checked(by: str, view: LakeView) -> str:
    known = [name for name in view.scopes().collect_schema().names() if name not in {"scope_id", "source"}]
    if by not in known:
        raise BadArguments(
            f"costs cannot be grouped by '{by}'", where="--by", remedy=f"Choose one of: {', '.join(sorted(known))}"
        )
    return by


def _no_bill(billed: Sequence[BilledMonth], month: date) -> str:
    months = [one.first for one in billed]
    if not months:
        return "no source has delivered a bill yet"
    return f"no source has a bill of {month:%Y-%m}; there are bills of {months[-1]:%Y-%m} to {months[0]:%Y-%m}"


def _unshared(view: LakeView, month: date, *, amounts: bool) -> str:
    """By the days of the charges, as the driver of a rule is."""
    days = Period(month, month_start(month, 1))
    return unknown_shares(view.allocated().moved(), days, days.last_day, amounts=amounts)


def _lines(exact: Exact, shares: Exact, currency: str) -> tuple[StatementLine, ...]:
    """Each bill is rounded to the cent, as its invoice is, and its cents are shared out to its lines."""
    billed, effective = (_shared_out(exact, of, currency) for of in (0, 1))
    moved, nothing = _shared_out(shares, 1, currency), Decimal(0).quantize(minor_unit(currency))
    return tuple(
        StatementLine(*key, *(of.get(key, nothing) for of in (billed, effective, moved)))
        for key in sorted({*exact, *moved}, key=lambda key: tuple(str(part or "") for part in key))
    )


def _shared_out(exact: Exact, of: int, currency: str) -> dict[LineKey, Decimal]:
    cents: dict[LineKey, Decimal] = {}
    for bill in sorted({(key.source, key.currency) for key in exact}):
        cents |= in_cents(
            {key: sums[of] for key, sums in exact.items() if (key.source, key.currency) == bill}, currency
        )
    return cents


def same_days(ends: Mapping[str, date], month: date, months: int) -> Mapping[str, date]:
    """The day of another month up to which it is compared with one that still runs, by source: the source's last day
    has the same place in the month. A source that charged its month to the end is compared with a whole one."""
    other = month_start(month, months)
    last = month_start(other, 1) - timedelta(days=1)
    return {
        source: min(other + (end - month), last)
        for source, end in ends.items()
        if month <= end < month_start(month, 1) - timedelta(days=1)
    }


def _past(
    lake: Lake,
    view: LakeView,
    month: date,
    by: str,
    settings: Settings,
    sources: set[str],
    through: Mapping[str, date],
    of: TeamScope | None,
) -> Past:
    try:
        exact = month_lines(
            view, month, by=by, currency=settings.currency, rates=settings.rates, through=through, of=of
        )
    except MissingRate as error:
        return Past(month, {}, {}, unknown=error.what)
    if not exact:
        return Past(month, {}, {}, unknown=f"there is no bill of {month:%Y-%m}")
    by_whose: dict[str, Decimal] = {}
    by_service: dict[tuple[str, str], Decimal] = {}
    for key, amount in _shared_out(exact, 1, settings.currency).items():
        by_whose[key.whose] = by_whose.get(key.whose, Decimal(0)) + amount
        line = key.whose, key.service
        by_service[line] = by_service.get(line, Decimal(0)) + amount
    return Past(month, by_whose, by_service, tuple(_incomplete(lake, view, month, sources, of)), through=through)


def _incomplete(
    lake: Lake, view: LakeView, month: date, sources: Collection[str], of: TeamScope | None
) -> Iterator[str]:
    begins = charged_days(view, month, of)
    for source in sorted(sources):
        if source not in begins:
            yield f"{source} has no bill of {month:%Y-%m}"
        elif begins[source][0] > month and min(lake.known(source)) == month:
            yield f"the bills of {source} begin on {begins[source][0]}"
