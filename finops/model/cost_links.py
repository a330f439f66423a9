"""From a verdict, or one driver of it, to the costs behind it and to a claim of a saving: the one place that builds
these addresses."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from finops.model.cost_question import DEFAULT_COST, Compare, CostQuestion, equals, scope_of
from finops.model.finding import Driver, Finding
from finops.model.period import Period
from finops.model.policy import WrittenPolicy

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
