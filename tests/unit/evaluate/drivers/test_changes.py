"""Which drivers are told, against which days, and what is said where they cannot be told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.evaluate.explain import explain
from finops.model.finding import Finding
from finops.model.rates import Rates
from tests.support import lake_view
from tests.support.lake_view import CURRENT, FakeView, budget, demand, findings, only
from tests.unit.evaluate.drivers.priced_view import PricedView, use

ALERT = "alerts: [{when: spent > 1%, severity: info}]"
MONTH = f"period: month\namount: 1 EUR\n{ALERT}"
YEAR = date(2025, 3, 1)


def long(cost: int = 1) -> list[dict[str, object]]:
    return use("old", YEAR, 400, 1, cost, ServiceName="steady", SubAccountId="1", ResourceId="r0")


def named(finding: Finding, by: str) -> list[tuple[str, Decimal]]:
    return [(driver.value, driver.change) for driver in finding.drivers if driver.by == by]


def test_the_few_largest_come_first_with_their_sign_and_name() -> None:
    rows = long()
    for n in range(6):
        extra = {"ServiceName": f"s{n}", "ResourceId": f"r{n}", "ResourceName": f"name {n}", "SubAccountId": str(n % 2)}
        rows += use(f"k{n}", date(2026, 3, 1), 17, 1, n, **extra)
    rows += use("gone", date(2025, 12, 1), 80, 1, 4, ServiceName="gone", SubAccountId="1", ResourceId="r9")
    finding = only(budget(MONTH), PricedView(rows))

    assert named(finding, "ServiceName") == [("s5", 85), ("gone", -68), ("s4", 68)]
    assert named(finding, "ResourceId") == [("r5", 85), ("r4", 68), ("r9", -68)]
    assert named(finding, "SubAccountId") == [("0", 17 * (2 + 4)), ("1", 17 * (1 + 3 + 5) - 68)]
    assert named(finding, "RegionId") == named(finding, "SkuId") == []
    assert {driver.value: driver.name for driver in finding.drivers if driver.by == "ResourceId"}["r5"] == "name 5"


def test_skus_are_told_where_price_moved_more_than_volume() -> None:
    rows = [
        *long(),
        *use("a", YEAR, 365, 1, 1, ResourceId="r1"),
        *use("a", date(2026, 3, 1), 17, 5, 1, ResourceId="r1"),
    ]

    assert named(only(budget(MONTH), PricedView(rows)), "SkuId") == [("a", 68)]


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("month", {"2025-12": 17, "2026-01": 17, "2026-02": 17}),
        ("quarter", {"2025-10": 31, "2025-11": 30, "2025-12": 15}),
        ("year", {"2025-01": 31, "2025-02": 28, "2025-03": 17}),
        ("{from: 2026-03-10, to: 2026-05-01}", {"2026-03": 8}),
    ],
)
def test_settled_days_are_held_against_the_same_days_of_periods_before(period: str, before: dict[str, int]) -> None:
    view = FakeView(lake_view.days(date(2025, 1, 1), date(2026, 3, 19), 1))
    finding = only(budget(f"period: {period}\namount: 1 EUR\n{ALERT}"), view)

    assert finding.change is not None
    assert finding.change.before_days == sum(before.values())
    assert finding.change.before.start >= date.fromisoformat(f"{min(before)}-01")
    assert finding.change.total == 0, "every day costs the same, however many stand against how many"


def test_demand_explains_its_part() -> None:
    rows = [*lake_view.days(YEAR, date(2026, 2, 28), 10), *lake_view.days(date(2026, 3, 1), date(2026, 3, 19), 15)]
    orders = [
        *demand("orders", YEAR, date(2026, 2, 28), 100),
        *demand("orders", date(2026, 3, 1), date(2026, 3, 19), 120),
    ]
    spec = "period: month\namount: {per: orders, amount: 0.01 EUR}\n" + ALERT
    finding = only(budget(spec), FakeView(rows, orders))

    assert finding.change is not None
    assert (finding.change.total, finding.change.explained) == (5 * 17, 10 * 17 * Decimal("0.2"))


def test_a_source_that_is_new_is_not_a_rise() -> None:
    rows = lake_view.days(date(2026, 2, 10), date(2026, 3, 19), 1)
    finding = only(budget(MONTH), FakeView(rows))
    newer = only(budget(MONTH), FakeView(lake_view.days(date(2026, 3, 5), date(2026, 3, 19), 1)))

    assert finding.change is not None
    assert finding.change.total == 0
    assert finding.notes == ("the change compares 8 of 51 days: the data of aws starts on 2026-02-10",)
    assert (newer.change, newer.drivers) == (None, ())
    assert newer.notes == ("nothing to compare with: the data of aws starts on 2026-03-05",)


def test_currencies_are_converted_by_day_and_a_missing_rate_is_told() -> None:
    rows = lake_view.days(YEAR, date(2026, 3, 19), 2, currency="USD", ServiceName="vm")
    quotes = {YEAR + timedelta(days=n): Decimal(2) for n in range(400)}
    asked = budget(MONTH)
    whole = only(asked, FakeView(rows), under=lake_view.settings(rates=Rates("EUR", {"USD": quotes})))
    torn = {day: rate for day, rate in quotes.items() if day >= date(2026, 2, 20)}
    missing = only(asked, FakeView(rows), under=lake_view.settings(rates=Rates("EUR", {"USD": torn})))

    assert whole.change is not None
    assert (whole.change.before_amount, whole.change.after_amount) == (17, 17)
    assert (missing.change, missing.drivers) == (None, ())
    assert missing.notes == ("the cost drivers are unknown: no exchange rate from USD to EUR for 2025-12-01",)
    assert missing.state == "firing"


def test_rows_are_scanned_once_for_every_verdict_and_not_at_all_where_nothing_fires() -> None:
    rows = [row | {"team": f"t{n}"} for n in range(20) for row in lake_view.days(YEAR, date(2026, 3, 19), n + 1)]
    grouped = budget(f"group_by: [team]\n{MONTH}")
    calm = budget(MONTH.replace("1 EUR", "1000000 EUR"), name="calm")
    view = PricedView(rows)

    assert len([finding for finding in findings([*grouped, *calm], view) if finding.change]) == 20
    assert view.scans == 1
    findings(calm, view)
    assert view.scans == 1


def test_explain_prints_the_change_and_every_driver() -> None:
    view = PricedView([*long(), *use("a", date(2026, 3, 1), 17, 1, 3, ServiceName="vm\n\x1b[31mred")])
    asked = budget(MONTH)
    finding = only(asked, view)
    lines = list(explain(finding, asked[0], view, freshness=[CURRENT], settings=lake_view.settings()).lines)

    start = lines.index("change:")
    assert lines[start + 1 : start + 6] == [
        "  before = 17.00 EUR (51 days, 2025-12-01 through 2026-02-17, scaled to 17)",
        "  after = 68.00 EUR (17 days, 2026-03-01 through 2026-03-17)",
        "  change = after - before = +51.00 EUR = +51.00 EUR volume 0.00 EUR price 0.00 EUR mix 0.00 EUR other",
        "cost drivers, the largest of each column:",
        "  +51.00 EUR  ServiceName vm\ufffd\ufffd[31mred: +51.00 EUR volume",
    ]
    assert lines[-1].startswith("reproduced")


def test_values_stay_data() -> None:
    hostile = "<img src=x onerror=alert(1)>\n{{7*7}}"
    rows = [*long(), *use("a", date(2026, 3, 1), 17, 1, 3, ServiceName=hostile)]

    assert named(only(budget(MONTH), PricedView(rows)), "ServiceName") == [(hostile, 51)]
