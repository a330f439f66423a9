"""The year of budgets: what each month was planned to cost, what it cost, and what it will."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from finops.evaluate.judgement.moment import Moment
from finops.evaluate.totals.budget_year import budget_year
from finops.model.budget_year import BudgetPlan, BudgetYear
from finops.model.period import Period
from tests.support.lake_view import FakeView, budget, days, findings, settings, standing

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
CURRENT = standing(through=datetime(2026, 3, 20, tzinfo=UTC), delivered=NOW)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
ALERTS = "alerts: [{when: spent > 100%, severity: critical}, {when: forecast > 100%, severity: warning}]\n"
MONTHS = ", ".join(f"2026-{month:02}: 300 EUR" for month in range(1, 13))
ROWS = FakeView(
    [
        *days(date(2025, 11, 1), date(2026, 3, 19), 10, team="checkout", ChargeCategory="Usage"),
        *days(date(2025, 11, 1), date(2026, 3, 19), 5, team="search", ChargeCategory="Usage"),
    ]
)


def year(*specs: tuple[str, str], view: FakeView = ROWS, of: Period = YEAR, now: datetime = NOW) -> BudgetYear:
    policies = [one for name, spec in specs for one in budget(ALERTS + spec, name=name)]
    return budget_year(policies, view, Moment(now, settings()), [CURRENT], of)


def plan(spec: str, **arguments: Period) -> BudgetPlan:
    return year(("p", spec), **arguments).plans[0]  # type: ignore[arg-type] # of the test's own


def test_each_month_has_its_versions_its_cost_and_its_forecast() -> None:
    spec = (
        f"scope: team = 'checkout'\nperiod: month\namount: {{{MONTHS}}}\n"
        "revisions: [{from: 2026-03, by: cfo, reason: growth, amount: {2026-03: 320 EUR}}]\n"
    )
    found = plan(spec)
    january, march, april = (found.months[at] for at in (0, 2, 3))
    assert (january.original, january.plan, january.actual, january.forecast, january.variance) == (
        300, 300, 310, None, 10,
    )  # fmt: skip
    assert (march.original, march.plan, march.actual, march.forecast, march.variance) == (300, 320, 190, 310, -10)
    assert (april.plan, april.actual, april.forecast) == (300, None, 300)
    assert (found.total("original"), found.total("plan"), found.total("actual")) == (3600, 3620, 780)
    assert found.total("forecast") == sum((month.outcome or Decimal(0) for month in found.months), Decimal(0)) > 3500
    assert found.variance_to_date == 10 - 20 - 10
    assert [(one.first, one.by, one.reason) for one in found.revisions] == [(date(2026, 3, 1), "cfo", "growth")]
    [verdict] = findings(budget(ALERTS + spec), ROWS)
    assert march.forecast == verdict.amount["forecast"].amount


def test_a_budget_of_a_year_or_a_quarter_is_told_by_month() -> None:
    fixed = plan("period: quarter\namount: 900 EUR\n")
    assert sum((month.plan or Decimal(0) for month in fixed.months[:3]), Decimal(0)) == 900
    by_month = plan(f"period: year\namount: {{{MONTHS}}}\n")
    assert {month.plan for month in by_month.months} == {300}
    span = plan("period: {from: 2026-02-15, to: 2026-03-15}\namount: 280 EUR\n")
    assert [month.plan for month in span.months[:4]] == [None, 140, 140, None]


def test_what_is_not_known_is_no_zero() -> None:
    """Neither months before the first bill, nor those that no data has reached, nor those without an amount."""
    spec = "scope: team = 'checkout'\nperiod: month\namount: {2025-11: 300 EUR, 2025-12: 300 EUR}\n"
    before = year(("p", spec), of=Period(date(2025, 1, 1), date(2026, 1, 1)))
    months = before.plans[0].months
    assert [month.actual for month in months] == [None] * 10 + [300, 310]
    assert (months[0].plan, months[0].variance, months[11].variance) == (None, None, 10)
    assert list(before.notes) == ["Bills begin on 2025-11-01: what was spent before is not known"]

    april = datetime(2026, 4, 1, 6, tzinfo=UTC)
    [running] = year(("p", f"period: month\namount: {{{MONTHS}}}\n"), now=april).plans
    assert running.months[3].actual is None
    assert "no cost of 2026-04-01 to 2026-04-30 yet: data reach 2026-03-19" in running.notes


def test_parts_add_up_to_their_parent_or_the_difference_is_named() -> None:
    search = (
        f"scope: team = 'search'\nparent: engineering\nperiod: month\namount: {{{MONTHS.replace('300', '200')}}}\n"
        "revisions: [{from: 2026-12, by: cfo, reason: less, amount: {2026-12: 150 EUR}}]\n"
    )
    found = year(
        ("engineering", "period: month\namount: 500 EUR\n"),
        ("checkout", "scope: team = 'checkout'\nparent: engineering\nperiod: month\namount: 300 EUR\n"),
        ("search", search),
    )
    assert found.differences == (
        "engineering, 2026-12: its parts add up to 450.00 EUR, 50.00 EUR less than its 500.00 EUR",
    )


def test_without_a_forecast_a_budget_has_the_same_amounts() -> None:
    """Also one whose only alerts ask for a forecast."""
    for when in ("spent > 1%", "forecast > 100%", "exhausts_in < 5d"):
        [policy] = budget(f"alerts: [{{when: {when}, severity: info}}]\nperiod: month\namount: 300 EUR\n")
        [whole] = findings([policy], ROWS)
        [plain] = findings([replace(policy, spec=policy.spec.without_forecast())], ROWS)
        for name in ("spent", "limit", "remaining"):
            assert plain.amount[name] == whole.amount[name]
