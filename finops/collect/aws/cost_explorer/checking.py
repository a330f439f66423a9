"""``finops sources check``: may it ask, what is the newest day, and what will collections cost?"""

from __future__ import annotations

from datetime import datetime, timedelta

from finops.collect.aws.cost_explorer.options import PAGE_COST_USD, CostExplorerOptions
from finops.collect.aws.cost_explorer.organization import Organization
from finops.collect.aws.cost_explorer.pages import Pages, Question
from finops.collect.aws.cost_explorer.refusals import PERMISSION
from finops.errors import FinopsError
from finops.model.period import Period, month_start
from finops.ports.source import Check


def checks(pages: Pages, organization: Organization, options: CostExplorerOptions, now: datetime) -> list[Check]:
    """Costs a cent. Never raises for a refusal."""
    yesterday = now.date() - timedelta(days=1)
    period = Period(month_start(yesterday), yesterday + timedelta(days=1))
    try:
        page = pages.first(Question(period, options.groupings, options.metrics))
    except FinopsError as error:
        return [Check(PERMISSION, passed=False, detail=str(error))]
    days = [result for result in page.get("ResultsByTime", ()) if result.get("Groups") or result.get("Total")]
    newest = days[-1]["TimePeriod"]["Start"] if days else None
    estimate = ", which AWS calls an estimate" if days and days[-1].get("Estimated") else ""
    seen = f"the latest day with costs is {newest}{estimate}" if newest else f"no costs in {period}"
    found = [
        Check(PERMISSION, passed=True, detail=seen),
        _cost(pages, options, now, more=bool(page.get("NextPageToken"))),
    ]
    if any(grouping.column == "SubAccountId" for grouping in options.groupings):
        _, notes = organization.accounts()
        # it works without: the names are Cost Explorer's own then
        detail = "; ".join(notes) or "account IDs and names can be read"
        found.append(Check("AWS Organizations", passed=True, detail=detail))
    if "RECORD_TYPE" not in options.group_by:
        detail = (
            "every charge except taxes counts as Usage; group by RECORD_TYPE to distinguish credits, fees and discounts"
        )
        found.append(Check("ChargeCategory", passed=True, detail=detail))
    return found


def _cost(pages: Pages, options: CostExplorerOptions, now: datetime, *, more: bool) -> Check:
    least = 2 if more else 1
    usual, first = least * 2 * PAGE_COST_USD, least * (options.months + 1) * PAGE_COST_USD
    at_least = "at least " if more else "about "
    spent = pages.request_costs.spent(pages.source, now.date())
    detail = (
        f"a collection costs {at_least}{usual} USD (two months, {PAGE_COST_USD} USD a page), the first one "
        f"{at_least}{first} USD; {spent} of {options.max_request_cost_per_day} USD a day are spent today (UTC), this "
        "check included"
    )
    return Check("request cost", passed=usual <= options.max_request_cost_per_day, detail=detail)
