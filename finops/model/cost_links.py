"""From a verdict, or one driver of it, to the costs behind it and to a claim of a saving: the one place that builds
these addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from finops.model.billing_period import FURTHEST_EAST
from finops.model.cost_question import DEFAULT_COST, LONGEST, Compare, CostQuestion, Every, equals, scope_of
from finops.model.finding import Driver, Finding
from finops.model.period import Period, month_start
from finops.model.policy import WrittenPolicy
from finops.model.statement import Statement
from finops.model.team import TEAM
from finops.model.team_bill import TeamBill, TeamLine

RESOURCES = ("ResourceId", "ResourceName")
_LONGEST = 4000
"""Characters of an address that browsers and proxies take."""


def costs_behind(finding: Finding, policy: WrittenPolicy | None, driver: Driver | None = None) -> str:
    """``/costs?…``: the days, scope and group of a verdict by service, or of one driver by resource. Empty where the
    verdict is not about money, or the policy is not known."""
    if policy is None or not policy.cost or not (finding.amount or finding.change):
        return ""
    span = finding.change.after if driver is not None and finding.change is not None else finding.period
    period = _until_today(span, finding)
    conditions = [equals(column, value) for column, value in sorted(finding.group.items())]
    by: tuple[str, ...] = ("ServiceName",) if "ServiceName" not in finding.group else RESOURCES
    if driver is not None:
        conditions.append(equals(driver.by, driver.value))
        by = RESOURCES if driver.by not in RESOURCES else ("ServiceName", "SkuId")
    address = CostQuestion(
        start=period.start,
        end=period.end,
        by=by,
        costs=(policy.cost or DEFAULT_COST,),
        scope=scope_of(policy.scope, *conditions),
        compare=Compare.PREVIOUS,
    ).address
    return address if len(address) <= _LONGEST else ""


def costs_billed(statement: Statement, whose: str | None = None, service: str | None = None) -> str:
    """``/costs?…``: the charges behind a line of a statement, of an owner, a service or all, with the same sum.

    A statement counts bills and the page Costs counts days. Where they hold the same charges of the line, the address
    asks for the days of the month; else for the days that the month's bills hold, and for those bills alone, which
    reads single rows. Empty where the address or its days would be too long.
    """
    month = Period(statement.month, month_start(statement.month, 1))
    apart = [days for (of, name), days in statement.apart.items() if whose in {None, of} and service in {None, name}]
    days = Period(min([month.start, *(one.start for one in apart)]), max([month.end, *(one.end for one in apart)]))
    conditions = [equals(statement.by, whose)] if whose is not None else []
    conditions += [equals("ServiceName", service)] if service is not None else []
    conditions += [_billed_in(statement.month)] if apart else []
    by = RESOURCES if service is not None else ("ServiceName",)
    address = CostQuestion(days.start, days.end, by, Every.ALL, scope=scope_of(*conditions)).address
    return address if len(address) <= _LONGEST and timedelta(days=days.days) <= LONGEST else ""


def scope_of_line(bill: TeamBill, line: TeamLine) -> str:
    """Of the charges behind a line of a team's bill; those behind a share are of the team that it was moved from."""
    owner = line.origin if line.allocation else bill.team.name
    return scope_of(equals(TEAM, owner), equals("ServiceName", line.service), equals("SubAccountId", line.account))


def _billed_in(month: date) -> str:
    """As ``finops.model.billing_period`` tells bills: one that begins on this day somewhere on earth."""
    first = datetime.combine(month, time(), UTC)
    return (
        f"BillingPeriodStart >= '{first - FURTHEST_EAST:%Y-%m-%dT%H:%M:%SZ}'"
        f" AND BillingPeriodStart < '{first + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}'"
    )


def saving_behind(finding: Finding, policy: WrittenPolicy | None) -> str:
    """``/savings?…``: the form for a claim, filled in with the scope of a verdict. Empty where ``costs_behind`` is."""
    if policy is None or not policy.cost or not (finding.amount or finding.change):
        return ""
    group = [equals(column, value) for column, value in sorted(finding.group.items())]
    scope = scope_of(policy.scope, *group)
    asked = urlencode({"scope": scope, "since": finding.as_of.date().isoformat()})
    return f"/savings?{asked}#claim" if scope and len(asked) <= _LONGEST else ""


def _until_today(period: Period, finding: Finding) -> Period:
    end = min(period.end, finding.as_of.date() + timedelta(days=1))
    return Period(period.start, end) if end > period.start else period
