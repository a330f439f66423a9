"""``explain``: the arithmetic as a person would write it down, ending in the same verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finops.errors import UnknownFinding
from finops.evaluate.explain import explain
from finops.model.data_version import DataVersion
from finops.model.policy import Policy
from finops.model.rates import Rates
from tests.support.lake_view import CURRENT, FakeView, budget, days, demand, freshness, only, settings

RATES = Rates("EUR", {"USD": {date(2026, 3, 1): Decimal("1.25")}})
UNDER = settings(rates=RATES)
ALERTS = "alerts: [{when: pace > 110%, severity: warning}]"


def explained(policies: list[Policy], view: FakeView) -> list[str]:
    finding = only(policies, view, under=UNDER)
    return list(explain(finding, policies[0], view, freshness=[CURRENT], settings=UNDER).lines)


def test_a_converted_budget_shows_amounts_rates_and_shares() -> None:
    rows = [
        *days(date(2026, 3, 2), date(2026, 3, 2), "100.5", currency="USD"),
        *days(date(2026, 3, 3), date(2026, 3, 3), 31),
    ]
    lines = explained(budget(f"period: month\namount: 31 EUR\n{ALERTS}"), FakeView(rows))

    assert lines[6:] == [
        "spent, day by day, 2026-03-01 through 2026-03-20:",
        "  2026-03-02  100.50 USD × 0.8 = 80.40 EUR",
        "  2026-03-03  31.00 EUR",
        "  spent = 111.40 EUR",
        "budget: 31.00 EUR, the same for each of 31 days",
        "due from 2026-03-02 on, its first day with costs",
        "limit = 31.00 EUR for 2026-03-01 to 2026-03-31",
        "spent = 111.40 EUR ÷ 31.00 EUR = 3.593548",
        "settled through 2026-03-17, 17 of 31 days: 111.40 EUR spent, 16.533333333333333 EUR due",
        "pace = 111.40 EUR ÷ 16.533333333333333 EUR = 6.737903",
        (
            "verdict: firing (warning): pace 674 % > 110 %: 111.40 EUR spent in 2026-03-01 to 2026-03-17, "
            "16.53 EUR due, +94.87 EUR, due from 2026-03-02 on, its first day with costs"
        ),
        "note: nothing to compare with: the data of aws starts on 2026-03-02",
        lines[-1],
    ]
    assert lines[-1].startswith("reproduced: the same as finding ")


def test_a_flexed_budget_shows_the_demand_of_each_day() -> None:
    orders = demand("orders", date(2026, 3, 1), date(2026, 3, 18), 4)
    policies = budget(f"period: month\namount: {{per: orders, amount: 0.5 EUR}}\n{ALERTS}")
    lines = explained(policies, FakeView(days(date(2026, 3, 1), date(2026, 3, 18), 2), orders))

    assert "  2026-03-18  4 orders × 0.5 EUR = 36" in lines
    assert "limit = 36.00 EUR for 2026-03-01 to 2026-03-31" in lines


def test_a_missing_rate_is_shown_where_it_is_missing() -> None:
    rows = days(date(2026, 3, 2), date(2026, 3, 2), 1, currency="GBP")
    lines = explained(budget(f"period: month\namount: 31 EUR\n{ALERTS}"), FakeView(rows))

    (unknown,) = [line for line in lines if line.startswith("  spent unknown: ")]
    assert unknown.startswith("  spent unknown: no exchange rate from GBP to EUR for 2026-03-02 (")
    assert lines[-1].startswith("reproduced")


def test_an_age_is_explained_source_by_source() -> None:
    view = FakeView(days(date(2026, 3, 2), date(2026, 3, 2), 1))
    lines = explained(freshness("alerts: [{when: age > 2h, severity: warning}]"), view)

    assert "aws: data reaches 2026-03-20 00:00 UTC, age = 6.00 h" in lines


def test_other_data_is_not_taken_for_the_same() -> None:
    policies = budget(f"group_by: [team]\nperiod: month\namount: 31 EUR\n{ALERTS}")
    view = FakeView(days(date(2026, 3, 1), date(2026, 3, 19), 2, team="a"))
    finding = only(policies, view, under=UNDER)

    changed = FakeView(days(date(2026, 3, 1), date(2026, 3, 19), 3, team="a"), version=DataVersion(costs=4))
    lines = explain(finding, policies[0], changed, freshness=[CURRENT], settings=UNDER).lines
    assert lines[-1].startswith("NOT reproduced: amount, data_version, id, measures, reason, value differ")

    gone = replace(finding, group={"team": "b"})
    with pytest.raises(UnknownFinding, match="has no group 'team=b'"):
        explain(gone, policies[0], view, freshness=[CURRENT], settings=UNDER)
