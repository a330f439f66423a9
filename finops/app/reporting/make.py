"""Lake, policies and invoices -> one month's statement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from glob import has_magic

import structlog

from finops.app.container import Container
from finops.app.reporting.bills import billed_month
from finops.app.reporting.months import billed_months
from finops.app.reporting.policies import budgets_of, unit_costs_of, unset_values
from finops.errors import BadArguments, MissingRate, NotFound
from finops.lake.tables.failures import lake_failures
from finops.model.evaluation import Settings
from finops.model.period import month_start
from finops.model.policy import Policy
from finops.model.statement import Past, Statement, StatementLine
from finops.ports.lake import LakeView
from finops.publish.statement import LineKey, first_days, in_cents, month_lines

log = structlog.get_logger(__name__)

Exact = Mapping[LineKey, tuple[Decimal, Decimal]]


def make_statement(parts: Container, month: date, *, by: str | None = None) -> Statement:
    """The statement of the billing month that begins on ``month``, from the newest data.

    ``by``: a dimension or a text column of ``scopes``; by default the first dimension of finops.yaml. Raises
    ``BadArguments``, ``NotFound`` without any bill of the month, ``MissingRate``, what the stores raise.
    """
    parts.lake.heal()
    with lake_failures(parts.config.lake_uri):
        statement = _statement(parts, month, by)
        # until no collection came between: bills and rows of one version
        while parts.lake.version() != statement.data_version:
            statement = _statement(parts, month, by)
    return statement


def _statement(parts: Container, month: date, by: str | None) -> Statement:
    now = parts.clock.now()
    version = parts.lake.version()
    view = parts.lake.at(version)
    settings = parts.settings(parts.rates_text())
    whose = _checked(by or next(iter(settings.dimensions), "SubAccountId"), view)
    end = datetime.combine(month_start(month, 1), datetime.min.time(), settings.timezone)
    exact = month_lines(view, month, by=whose, currency=settings.currency, rates=settings.rates)
    if not exact:
        raise NotFound(_no_bill(parts, month), where=f"the lake, {month:%Y-%m}", remedy="Choose another --month")
    lines = _lines(exact, settings.currency)
    standings = parts.standings()
    bills = billed_month(parts, view, month, lines, standings)
    policies = _policies(parts)
    at_the_end = min(now, end - timedelta(seconds=1))
    settled = min(now, end + settings.settling)
    sources = {line.source for line in lines}
    return Statement(
        month=month,
        by=whose,
        currency=settings.currency,
        timezone=settings.timezone.key,
        made_at=now,
        data_version=version,
        lines=lines,
        last_month=_past(parts, view, month_start(month, -1), whose, settings, sources),
        last_year=_past(parts, view, month_start(month, -12), whose, settings, sources),
        bills=bills.bills,
        restated=bills.restated,
        budgets=budgets_of(
            policies, view, at_the_end, standings, settings, by=whose, values={key.whose for key in exact}
        ),
        unit_costs=unit_costs_of(policies, view, settled, standings, settings),
        unset=unset_values(policies, whose),
        provisional=bills.provisional,
        faults=bills.faults,
    )


def _policies(parts: Container) -> list[Policy]:
    """A bill has a statement before anybody wrote a policy; it is said that there is none."""
    base, patterns = parts.config.base, parts.config.policies
    if any(has_magic(pattern) or (base / pattern).exists() for pattern in patterns):
        return parts.policies()
    log.warning("the statement has no budgets: there are no policies", policies=", ".join(patterns))
    return []


def _checked(by: str, view: LakeView) -> str:
    known = [name for name in view.scopes().collect_schema().names() if name not in {"scope_id", "source"}]
    if by not in known:
        raise BadArguments(
            f"costs cannot be told apart by '{by}'", where="--by", remedy=f"Choose one of: {', '.join(sorted(known))}"
        )
    return by


def _no_bill(parts: Container, month: date) -> str:
    months = [one.first for one in billed_months(parts)]
    if not months:
        return "no source has delivered a bill yet"
    return f"no source has a bill of {month:%Y-%m}; there are bills of {months[-1]:%Y-%m} to {months[0]:%Y-%m}"


def _lines(exact: Exact, currency: str) -> tuple[StatementLine, ...]:
    """Each bill is rounded to the cent, as its invoice is, and its cents are shared out to its lines."""
    billed, effective = (_shared_out(exact, of, currency) for of in (0, 1))
    return tuple(StatementLine(*key, billed[key], effective[key]) for key in exact)


def _shared_out(exact: Exact, of: int, currency: str) -> dict[LineKey, Decimal]:
    cents: dict[LineKey, Decimal] = {}
    for bill in sorted({(key.source, key.currency) for key in exact}):
        cents |= in_cents(
            {key: sums[of] for key, sums in exact.items() if (key.source, key.currency) == bill}, currency
        )
    return cents


def _past(parts: Container, view: LakeView, month: date, by: str, settings: Settings, sources: set[str]) -> Past:
    try:
        exact = month_lines(view, month, by=by, currency=settings.currency, rates=settings.rates)
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
    return Past(month, by_whose, by_service, tuple(_incomplete(parts, view, month, sources)))


def _incomplete(parts: Container, view: LakeView, month: date, sources: Collection[str]) -> Iterator[str]:
    begins = first_days(view, month)
    for source in sorted(sources):
        if source not in begins:
            yield f"{source} has no bill of {month:%Y-%m}"
        elif begins[source] > month and min(parts.lake.known(source)) == month:
            yield f"the bills of {source} begin on {begins[source]}"
