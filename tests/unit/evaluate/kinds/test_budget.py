"""Budgets: the arithmetic, the forms of amount, and when a verdict may be ok."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from finops.model.finding import Finding, Severity, State
from finops.model.rates import Rates
from tests.support.lake_view import (
    AS_OF,
    CURRENT,
    FakeView,
    budget,
    days,
    demand,
    findings,
    only,
    run,
    settings,
    standing,
)

MONTHLY = """
scope: team = 'checkout'
period: month
amount: 12000 EUR
alerts:
  - {when: spent > 80%, severity: info}
  - {when: pace > 110%, severity: warning}
"""
MARCH = (date(2026, 3, 1), date(2026, 3, 19))


def spending(cost: object, **columns: Any) -> FakeView:
    return FakeView(days(*MARCH, cost, team="checkout", **columns))


def test_pace_fires_on_settled_days_long_before_the_budget_is_spent() -> None:
    finding = only(budget(MONTHLY), spending(500))

    assert (finding.state, finding.severity, finding.measure) == (State.FIRING, Severity.WARNING, "pace")
    assert (
        finding.reason
        == "pace 129 % > 110 %: 8,500.00 EUR spent in 2026-03-01 to 2026-03-17, 6,580.65 EUR due, +1,919.35 EUR"
    )
    assert finding.value == pytest.approx(8500 / (12000 * 17 / 31))
    assert finding.limit == 1.1
    assert finding.amount["spent"].amount == 9500
    assert finding.amount["settled_spent"].amount == 8500
    assert finding.complete_through == date(2026, 3, 17)
    assert finding.measures["spent"] == pytest.approx(9500 / 12000)


def test_spent_counts_provisional_days_and_no_day_after_today() -> None:
    rows = [*days(*MARCH, 100, team="checkout"), *days(date(2026, 3, 20), date(2026, 3, 31), 7, team="checkout")]

    assert only(budget(MONTHLY), FakeView(rows)).amount["spent"].amount == 1907


def test_the_highest_severity_wins_and_the_others_are_told() -> None:
    finding = only(budget(MONTHLY), spending(520))

    assert finding.severity == Severity.WARNING
    assert finding.reason.endswith("; also spent 82 % > 80 %")


def test_a_lower_threshold_of_the_same_measure_is_not_told_again() -> None:
    finding = only(budget(MONTHLY + "  - {when: pace > 120%, severity: critical}\n"), spending(500))

    assert finding.severity == Severity.CRITICAL
    assert (
        finding.reason
        == "pace 129 % > 120 %: 8,500.00 EUR spent in 2026-03-01 to 2026-03-17, 6,580.65 EUR due, +1,919.35 EUR"
    )


def test_ok_gives_its_numbers() -> None:
    finding = only(budget(MONTHLY), spending(300))

    assert finding.state == State.OK
    assert finding.severity is None
    assert finding.reason == (
        "spent 48 % ≤ 80 %: 5,700.00 EUR of 12,000.00 EUR spent through 2026-03-20; "
        "pace 77 % ≤ 110 %: 5,100.00 EUR spent in 2026-03-01 to 2026-03-17, 6,580.65 EUR due, -1,480.65 EUR"
    )


def test_a_share_shows_enough_digits_to_differ_from_its_threshold() -> None:
    finding = only(budget(MONTHLY.replace("80%", "79%").replace("110%", "200%")), spending(500))

    assert finding.reason.startswith("spent 79.2 % > 79 %: 9,500.00 EUR of 12,000.00 EUR")


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ("spent > 9499.99 EUR", True),
        ("spent > 9500 EUR", False),
        ("spent >= 9500 EUR", True),
        ("remaining < 2500.01 EUR", True),
        ("remaining < 2500 EUR", False),
        ("remaining <= 2500 EUR", True),
        ("remaining < 21%", True),
        ("spent < 80%", True),
    ],
)
def test_thresholds_are_compared_exactly(when: str, fires: bool) -> None:
    spec = f"scope: team = 'checkout'\nperiod: month\namount: 12000 EUR\nalerts: [{{when: {when}, severity: info}}]"

    assert (only(budget(spec), spending(500)).state == State.FIRING) is fires


def limit_of(spec: str, *, as_of: datetime = AS_OF, fiscal_year_starts: int = 1) -> Finding:
    alerts = "\nalerts: [{when: spent > 80%, severity: info}]"
    rows = days(date(2026, 1, 1), date(2026, 3, 19), 1, team="checkout")
    under = settings(fiscal_year_starts=fiscal_year_starts)
    return only(budget(spec + alerts), FakeView(rows), as_of=as_of, under=under)


@pytest.mark.parametrize(
    ("spec", "fiscal", "first", "last", "limit"),
    [
        ("period: day\namount: 5 EUR", 1, "2026-03-20", "2026-03-21", "5"),
        ("period: week\namount: 5 EUR", 1, "2026-03-16", "2026-03-23", "5"),
        ("period: quarter\namount: 5 EUR", 1, "2026-01-01", "2026-04-01", "5"),
        ("period: quarter\namount: 5 EUR", 2, "2026-02-01", "2026-05-01", "5"),
        ("period: year\namount: 5 EUR", 1, "2026-01-01", "2027-01-01", "5"),
        ("period: year\namount: 5 EUR", 7, "2025-07-01", "2026-07-01", "5"),
        ("period: {from: 2026-02-10, to: 2026-05-01}\namount: 5 EUR", 1, "2026-02-10", "2026-05-01", "5"),
        ("period: week\namount: {2026-03-16: 7 EUR, 2026-03-23: 8 EUR}", 1, "2026-03-16", "2026-03-23", "7"),
        ("period: month\namount: {2026-02: 7 EUR, 2026-03: 8 EUR}", 1, "2026-03-01", "2026-04-01", "8"),
        ("period: quarter\namount: {2026-01: 7 EUR, 2026-04: 8 EUR}", 1, "2026-01-01", "2026-04-01", "7"),
        (
            "period: quarter\namount: {2026-01: 7 EUR, 2026-02: 8 EUR, 2026-03: 9 EUR}",
            1,
            "2026-01-01",
            "2026-04-01",
            "24",
        ),
        (
            "period: month\namount: {start: 2026-01, base: 100 EUR, growth_per_month: 2%}",
            1,
            "2026-03-01",
            "2026-04-01",
            "104.04",
        ),
        (
            "period: quarter\namount: {start: 2026-01, base: 100 EUR, growth_per_month: 2%}",
            1,
            "2026-01-01",
            "2026-04-01",
            "306.04",
        ),
        (
            "period: {from: 2026-02-15, to: 2026-04-01}\namount: {start: 2026-02, base: 8 EUR, growth_per_month: 50%}",
            1,
            "2026-02-15",
            "2026-04-01",
            "16",
        ),
    ],
)
def test_periods_and_amounts(spec: str, fiscal: int, first: str, last: str, limit: str) -> None:
    finding = limit_of(spec, fiscal_year_starts=fiscal)

    assert (finding.period.start, finding.period.end) == (date.fromisoformat(first), date.fromisoformat(last))
    assert finding.amount["limit"].amount == Decimal(limit)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("period: month\namount: {2026-02: 7 EUR}", "the budget has no amount for 2026-03"),
        ("period: quarter\namount: {2026-01: 7 EUR, 2026-02: 8 EUR}", "the budget has no amount for 2026-03"),
        (
            "period: year\namount: {start: 2026-02, base: 7 EUR, growth_per_month: 1%}",
            "the budget starts with 2026-02 and has no amount for 2026-01",
        ),
        ("period: month\namount: {per: orders, amount: 1 EUR}", "no demand 'orders' for 2026-03-01, 2026-03-02"),
    ],
)
def test_an_amount_that_nobody_wrote_is_unknown_not_zero(spec: str, reason: str) -> None:
    finding = limit_of(spec)

    assert finding.state == State.UNKNOWN
    assert finding.reason.startswith(reason)
    assert "limit" not in finding.amount
    assert finding.value is None


def test_pace_follows_each_months_own_amount() -> None:
    spec = """
period: quarter
amount: {2026-01: 3100 EUR, 2026-02: 0 EUR, 2026-03: 310 EUR}
alerts: [{when: pace > 100%, severity: info}]
"""
    finding = only(budget(spec), FakeView(days(date(2026, 1, 1), date(2026, 1, 31), 100)))

    assert finding.amount["due"].amount == 3100 + 170
    assert finding.amount["settled_spent"].amount == 3100


FLEXED = """
period: month
amount: {per: orders, amount: 0.5 EUR}
alerts: [{when: pace > 110%, severity: warning}, {when: spent > 120%, severity: critical}]
"""


def test_a_flexed_budget_grows_with_demand() -> None:
    orders = demand("orders", date(2026, 3, 1), date(2026, 3, 18), 1000)
    finding = only(budget(FLEXED), FakeView(days(*MARCH, 500), orders))

    assert finding.state == State.OK
    assert finding.amount["limit"].amount == 18 * 500
    assert finding.amount["spent"].amount == 18 * 500, "the 19th has cost and no demand yet: it cannot be judged"
    assert finding.measures == {"pace": 1.0, "remaining": 0.0, "spent": 1.0}


def test_half_the_demand_makes_the_same_spend_an_overrun() -> None:
    orders = demand("orders", date(2026, 3, 1), date(2026, 3, 18), 500)
    finding = only(budget(FLEXED), FakeView(days(*MARCH, 500), orders))

    assert finding.severity == Severity.CRITICAL
    assert finding.reason.startswith("spent 200 % > 120 %: 9,000.00 EUR of 4,500.00 EUR spent through 2026-03-18")


def test_spend_without_any_demand_is_beyond_measure_and_fires() -> None:
    orders = demand("orders", date(2026, 3, 1), date(2026, 3, 18), 0)
    finding = only(budget(FLEXED), FakeView(days(*MARCH, 500), orders))

    assert finding.severity == Severity.CRITICAL
    assert finding.reason.startswith("spent ∞ % > 120 %")
    assert finding.value is None


def test_a_settled_day_without_demand_is_named() -> None:
    orders = demand("orders", date(2026, 3, 1), date(2026, 3, 18), 1000)
    del orders[4]
    finding = only(budget(FLEXED), FakeView(days(*MARCH, 500), orders))

    assert (finding.state, finding.reason) == (State.UNKNOWN, "no demand 'orders' for 2026-03-05")


def test_demand_with_the_groups_own_dimension_counts_for_that_group_only() -> None:
    rows = [*days(*MARCH, 500, environment="prod"), *days(*MARCH, 500, environment="dev")]
    orders = [
        *demand("orders", date(2026, 3, 1), date(2026, 3, 18), 1000, environment="prod"),
        *demand("orders", date(2026, 3, 1), date(2026, 3, 18), 10, environment="dev"),
    ]
    dev, prod = findings(budget(f"group_by: [environment]{FLEXED}"), FakeView(rows, orders))

    assert (dev.state, prod.state) == (State.FIRING, State.OK)
    assert (dev.amount["limit"].amount, prod.amount["limit"].amount) == (90, 9000)


RATES = Rates("EUR", {"USD": {date(2026, 3, day): Decimal("1.25") for day in range(1, 6)}})


def test_each_day_is_converted_with_its_own_rate_and_never_one_to_one() -> None:
    rows = [
        *days(date(2026, 3, 2), date(2026, 3, 3), 100, team="checkout", currency="USD"),
        *days(date(2026, 3, 2), date(2026, 3, 3), 1, team="checkout"),
    ]
    finding = only(budget(MONTHLY), FakeView(rows), under=settings(rates=RATES))

    assert finding.amount["spent"].amount == 2 * 80 + 2


def test_a_missing_rate_is_unknown_and_names_currency_and_day() -> None:
    rows = days(date(2026, 3, 12), date(2026, 3, 13), 100, team="checkout", currency="USD")
    finding = only(budget(MONTHLY), FakeView(rows), under=settings(rates=RATES))

    assert (finding.state, finding.reason) == (
        State.UNKNOWN,
        "no exchange rate from USD to EUR for 2026-03-13 (Add a rate of USD for that day to the rates file)",
    )


def test_the_policys_own_currency_wins_over_the_configured_one() -> None:
    spec = MONTHLY.replace("12000 EUR", "12000 USD")
    rows = days(date(2026, 3, 2), date(2026, 3, 3), 100, team="checkout")
    finding = only(budget(spec), FakeView(rows), under=settings(rates=RATES))

    assert (finding.currency, finding.amount["spent"].amount) == ("USD", 250)


# --- groups -----------------------------------------------------------------------------------------------------------


GROUPED = f"group_by: [environment]{MONTHLY}"


def test_each_group_has_the_whole_amount_and_rows_without_a_value_are_a_group() -> None:
    rows = [*days(*MARCH, 500, team="checkout", environment="prod"), *days(*MARCH, 300, team="checkout")]
    none, prod = findings(budget(GROUPED), FakeView(rows))

    assert (none.group, none.state) == ({"environment": ""}, State.OK)
    assert (prod.group, prod.state) == ({"environment": "prod"}, State.FIRING)
    assert none.amount["limit"] == prod.amount["limit"]


def test_a_group_below_the_minimum_never_fires() -> None:
    finding = only(budget(f"minimum: 10000 EUR{MONTHLY}"), spending(500))

    assert finding.state == State.OK
    assert finding.reason.endswith("; below the minimum of 10,000.00 EUR")


@pytest.mark.parametrize(
    ("expires", "state", "reason"),
    [
        ("2026-03-20", State.OK, "excepted until 2026-03-20: load test (pace 129 % > 110 %"),
        ("2026-03-19", State.FIRING, "; the exception 'load test' expired on 2026-03-19"),
    ],
)
def test_an_exception_holds_through_its_last_day(expires: str, state: State, reason: str) -> None:
    exception = f"exceptions: [{{group: {{environment: prod}}, reason: load test, expires: {expires}}}]\n"
    dev, prod = findings(
        budget(exception + GROUPED),
        FakeView([row for name in ("dev", "prod") for row in days(*MARCH, 500, team="checkout", environment=name)]),
    )

    assert (dev.state, "exce" in dev.reason) == (State.FIRING, False)
    assert prod.state == state
    assert reason in prod.reason


def test_a_group_that_is_gone_for_a_year_is_forgotten() -> None:
    rows = [
        *days(*MARCH, 1, team="checkout", environment="prod"),
        *days(date(2025, 3, 1), date(2025, 3, 18), 1, team="checkout", environment="old"),
        *days(date(2025, 3, 20), date(2025, 3, 21), 1, team="checkout", environment="recent"),
    ]

    assert [finding.group["environment"] for finding in findings(budget(GROUPED), FakeView(rows))] == ["prod", "recent"]


def test_for_is_handed_to_whoever_alerts() -> None:
    assert only(budget(f"for: 3{MONTHLY}"), spending(1)).for_evaluations == 3


# --- unknown ----------------------------------------------------------------------------------------------------------


def test_no_data_at_all_is_unknown() -> None:
    finding = only(budget(MONTHLY.replace("checkout", "nobody")), spending(500))

    assert (finding.state, finding.reason.split(";")[0]) == (
        State.UNKNOWN,
        "no data: no row of the last year matches the scope",
    )
    assert findings(budget(MONTHLY), FakeView([]))[0].state == State.UNKNOWN


def test_nothing_spent_in_a_period_that_is_delivered_is_ok() -> None:
    rows = [*days(date(2026, 2, 1), date(2026, 2, 3), 500, team="checkout"), *days(*MARCH, 1, team="search")]
    finding = only(budget(MONTHLY), FakeView(rows))

    assert finding.state == State.OK
    assert finding.amount["spent"].amount == 0


@given(
    period=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    when=st.sampled_from(["spent > 80%", "spent < 90%", "remaining > 1 EUR", "remaining < 10%", "pace > 110%"]),
    lag=st.integers(0, 5),
    has_rows=st.booleans(),
)
@settings_of(max_examples=30, deadline=None)
def test_what_no_data_has_reached_is_neither_zero_nor_ok(period: str, when: str, lag: int, has_rows: bool) -> None:
    """A period is known from the first day on that data reach or a row has."""
    as_of = datetime(2026, 1, 1, 6, tzinfo=UTC)  # every period but the week begins today
    through = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1 - lag)
    rows = days(date(2025, 1, 1), date(2025, 12, 25), 10, team="checkout")
    rows += days(date(2026, 1, 1), date(2026, 1, 1), 10, team="checkout") if has_rows else []
    spec = f"scope: team = 'checkout'\nperiod: {period}\namount: 100 EUR\nalerts: [{{when: {when}, severity: info}}]"
    fresh = standing(through=through, delivered=as_of)
    finding = only(budget(spec), FakeView(rows), as_of=as_of, freshness=[fresh])

    starts = finding.period.start
    known = has_rows or through.date() > starts
    assert ("spent" in finding.amount, "remaining" in finding.amount, "spent" in finding.measures) == (known,) * 3
    if not known:
        assert finding.state is State.UNKNOWN
        reached = through.date() - timedelta(days=1)
        told = f"no cost of {finding.period} yet: data reach {reached}"
        assert finding.reason.endswith(told) or "pace" in when
        assert "0.00 EUR" not in finding.reason


def test_a_forecast_speaks_for_a_period_that_no_data_has_reached() -> None:
    """A budget neither flaps nor shows a zero when a month begins."""
    as_of = datetime(2026, 3, 2, 6, tzinfo=UTC)
    spec = MONTHLY + "  - {when: forecast > 100%, severity: warning}\n  - {when: exhausts_in < 5d, severity: warning}\n"
    rows = days(date(2025, 9, 1), date(2026, 2, 28), 300, team="checkout", ChargeCategory="Usage")
    fresh = standing(through=datetime(2026, 3, 1, tzinfo=UTC), delivered=as_of)
    finding = only(budget(spec), FakeView(rows), as_of=as_of, freshness=[fresh])

    assert finding.state is State.OK
    assert finding.reason.startswith("forecast 78 % ≤ 100 %: 9,300.00 EUR by the end of 2026-03-31")
    assert "no cost of 2026-03-01 to 2026-03-31 yet: data reach 2026-02-28" in finding.reason
    assert "spent" not in finding.amount


def test_pace_needs_a_settled_day_of_the_period() -> None:
    as_of = datetime(2026, 3, 3, 6, tzinfo=UTC)
    fresh = standing(through=datetime(2026, 3, 3, tzinfo=UTC), delivered=as_of)
    rows = days(date(2026, 2, 1), date(2026, 3, 2), 100, team="checkout")
    finding = only(budget(MONTHLY), FakeView(rows), as_of=as_of, freshness=[fresh])

    assert finding.state == State.OK  # nothing is missing, it is the calendar: spent speaks alone
    assert finding.reason.endswith("; no pace: no day of 2026-03-01 to 2026-03-31 is settled yet")
    assert "pace" not in finding.measures


def test_pace_alone_is_unknown_before_its_first_settled_day() -> None:
    as_of = datetime(2026, 3, 3, 6, tzinfo=UTC)
    fresh = standing(through=datetime(2026, 3, 3, tzinfo=UTC), delivered=as_of)
    rows = days(date(2026, 2, 1), date(2026, 3, 2), 100, team="checkout")
    pace_only = "\n".join(line for line in MONTHLY.splitlines() if "when: spent" not in line)
    finding = only(budget(pace_only), FakeView(rows), as_of=as_of, freshness=[fresh])

    assert finding.state == State.UNKNOWN
    assert finding.reason == "no pace: no day of 2026-03-01 to 2026-03-31 is settled yet"


LATE = standing(through=datetime(2026, 3, 12, tzinfo=UTC), delivered=AS_OF)


def test_a_late_source_takes_ok_away_and_leaves_firing() -> None:
    calm = only(budget(MONTHLY), spending(100), freshness=[LATE])
    assert calm.state == State.UNKNOWN
    assert calm.reason == "aws is late: its data reaches 2026-03-12 00:00 UTC and 2026-03-16 is due"
    assert calm.measures["spent"] > 0, "the numbers that are known stay"

    over = only(budget(MONTHLY), spending(900), freshness=[LATE])
    assert over.state == State.FIRING
    assert over.reason.endswith("aws is late: its data reaches 2026-03-12 00:00 UTC and 2026-03-16 is due")


def test_one_day_of_grace_is_not_late() -> None:
    almost = standing(through=datetime(2026, 3, 17, tzinfo=UTC), delivered=AS_OF)

    assert only(budget(MONTHLY), spending(300), freshness=[almost]).state == State.OK


def test_a_closed_period_needs_its_own_days_only() -> None:
    spec = MONTHLY.replace("month", "{from: 2026-02-01, to: 2026-03-01}")
    rows = days(date(2026, 2, 1), date(2026, 2, 28), 100, team="checkout")

    assert only(budget(spec), FakeView(rows), freshness=[LATE]).state == State.OK


def test_too_little_spend_fires_only_on_complete_data() -> None:
    spec = MONTHLY.replace("spent > 80%", "spent < 90%").replace("pace > 110%", "remaining > 1%")

    assert only(budget(spec), spending(300)).state == State.FIRING
    assert only(budget(spec), spending(300), freshness=[LATE]).state == State.UNKNOWN


def test_a_source_that_never_delivered_takes_ok_away_unless_the_scope_excludes_it() -> None:
    never = standing("azure", through=None)
    calm = only(budget(MONTHLY), spending(300), freshness=[CURRENT, never])
    assert (calm.state, calm.reason) == (State.UNKNOWN, "azure has never delivered a row")

    excluded = MONTHLY.replace("team = 'checkout'", "team = 'checkout' AND source = 'aws'")
    assert only(budget(excluded), spending(300), freshness=[CURRENT, never]).state == State.OK
    assert only(budget(MONTHLY), spending(900), freshness=[CURRENT, never]).state == State.FIRING


def test_a_source_that_is_configured_no_more_is_not_waited_for() -> None:
    rows = [*days(*MARCH, 100, team="checkout"), *days(*MARCH, 100, team="checkout", source="old")]

    assert only(budget(MONTHLY), FakeView(rows)).amount["spent"].amount == 3800
    gone = only(budget(MONTHLY), FakeView(rows), freshness=[])
    assert gone.state == State.UNKNOWN
    assert "no configured source delivers this scope" in gone.reason


def test_the_slowest_source_decides_what_is_settled() -> None:
    rows = [*days(*MARCH, 100, team="checkout"), *days(*MARCH, 100, team="checkout", source="azure")]
    slow = standing("azure", through=datetime(2026, 3, 17, tzinfo=UTC), delivered=AS_OF)
    finding = only(budget(MONTHLY), FakeView(rows), freshness=[CURRENT, slow])

    assert finding.complete_through == date(2026, 3, 16)
    assert finding.amount["settled_spent"].amount == 2 * 16 * 100


# --- where rows come from ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope", ["ResourceId = 'i-1'", "tags['app'] = 'shop'", "tags['app'] LIKE 's%' AND team IS NULL"]
)
def test_columns_beyond_the_scopes_are_found_in_single_rows(scope: str) -> None:
    rows = [
        *days(*MARCH, 10, ResourceId="i-1", tags={"app": "shop"}, environment="prod"),
        *days(*MARCH, 10, ResourceId="i-1", tags={"app": "shop"}, environment="prod"),
        *days(*MARCH, 7, ResourceId="i-2", tags={"app": "crm"}),
    ]
    finding = only(budget(MONTHLY.replace("team = 'checkout'", scope) + "group_by: [environment]"), FakeView(rows))

    assert finding.group == {"environment": "prod"}
    assert finding.amount["spent"].amount == 380


def test_each_policy_counts_its_own_cost() -> None:
    view = FakeView(days(*MARCH, 10, team="checkout", BilledCost=3))
    asked = [*budget(MONTHLY, name="effective"), *budget(MONTHLY + "cost: BilledCost", name="billed")]

    assert [finding.amount["spent"].amount for finding in findings(asked, view)] == [57, 190]


def test_days_are_those_of_the_configured_time_zone() -> None:
    as_of = datetime(2026, 3, 31, 23, tzinfo=UTC)
    current = standing(through=as_of)
    rows = days(date(2026, 3, 1), date(2026, 4, 1), 1, team="checkout")

    utc = only(budget(MONTHLY), FakeView(rows), as_of=as_of, freshness=[current])
    berlin = only(
        budget(MONTHLY),
        FakeView(rows),
        as_of=as_of,
        freshness=[current],
        under=settings(timezone="Europe/Berlin"),
    )
    assert (utc.period.start, berlin.period.start) == (date(2026, 3, 1), date(2026, 4, 1))
    assert berlin.complete_through == date(2026, 3, 29), "the 30th ended in Berlin at 22:00 UTC, 49 hours ago"


def test_the_track_has_every_day_that_data_reach_and_the_whole_line() -> None:
    (track,) = run(budget(MONTHLY), spending(500)).tracks

    assert len(track.days) == len(track.spent) == 19  # nothing is drawn of the day that has just begun
    assert sum(track.spent) == 9500
    assert (len(track.due), track.due[-1], track.settled_through) == (31, 12000, date(2026, 3, 17))


def test_cost_lines_give_the_settled_day_and_the_month() -> None:
    rows = [
        *days(date(2026, 2, 27), date(2026, 3, 19), Decimal("1.5"), SubAccountId="007", ServiceName="db", team="x"),
        *days(date(2026, 3, 18), date(2026, 3, 18), 1, currency="USD", BilledCost=2),
        *days(date(2026, 2, 1), date(2026, 2, 2), 1, team="gone"),
    ]
    lines = list(run([], FakeView(rows)).costs.lines())

    shown = [(line.place[1], line.cost, line.currency, line.day_amount, line.month_to_date_amount) for line in lines]
    assert shown == [
        ("", "billed", "USD", 0, 2),
        ("", "effective", "USD", 0, 1),
        ("007", "billed", "EUR", Decimal("1.5"), Decimal("28.5")),
        ("007", "effective", "EUR", Decimal("1.5"), Decimal("28.5")),
    ]
    assert {line.day for line in lines} == {date(2026, 3, 17)}
    assert lines[2].place == ("AWS", "007", "db", "x", "", "")


def test_a_line_whose_source_settled_nothing_has_no_day() -> None:
    lines = run([], spending(1), freshness=[standing(through=None)]).costs.lines()

    assert {(line.day, line.day_amount) for line in lines} == {(None, None)}


def test_an_overrun_of_days_is_counted_when_listed() -> None:
    finding = limit_of("period: month\namount: {per: orders, amount: 1 EUR}")

    assert finding.reason.endswith("2026-03-05 and 12 more days")
    assert timedelta(days=12 + 5) == date(2026, 3, 18) - date(2026, 3, 1)
