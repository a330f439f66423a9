"""A statement adds up to the bills and the invoices, and says what it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest

from finops.app.container import Container, open_container
from finops.app.reporting import BudgetYears, MonthLister
from finops.errors import BadArguments, MissingRate, NotFound
from finops.model.collection import CollectionOutcome, CollectionRun
from finops.model.cost_links import costs_billed
from finops.model.cost_question import CostQuestion, Every
from finops.model.month_costs import MonthForecast
from finops.model.statement import totals
from tests.support.bills import APRIL, MARCH, StoppedClock, delivery, line, rows, run

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
rates: {source: ecb-file, path: ./rates.csv}
sources:
  prod: {kind: focus-files, path: ./none}
  office: {kind: focus-files, path: ./none}
dimensions:
  team:
    - tags: [team]
    - else: unallocated
invoices:
  prod: {2026-04: [40.34 EUR, 11.00 USD]}
"""
POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: a-monthly, owner: team-a, description: What a may spend}
spec:
  scope: team = 'a' AND ChargeCategory <> 'Tax'
  period: month
  amount: 50 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: all-monthly, owner: finance, description: What all may spend}
spec:
  period: month
  amount: 500 EUR
  alerts: [{when: spent > 100%, severity: critical}]
"""
RATES = "Date,USD\n2026-03-31,1.25\n"


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "budgets.yaml").write_text(POLICIES, encoding="utf-8")
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 5, 10, tzinfo=UTC)))
    prod = rows(
        line("30.333", period=APRIL, day=2),
        line("10.334", period=APRIL, day=30, ServiceName="storage", Tags=None),
        line("-0.333", period=APRIL, day=30, ChargeCategory="Credit"),
        line("10", period=APRIL, day=1, currency="USD", Tags='{"team":"b"}'),
        line(
            "1", period=APRIL, day=2, currency="USD", Tags='{"team":"b"}', ChargeClass="Correction",
            ChargePeriodStart=datetime(2026, 3, 31, tzinfo=UTC), ChargePeriodEnd=datetime(2026, 4, 1, tzinfo=UTC),
        ),
        line("20", period=MARCH, day=5),
    )  # fmt: skip
    opened.lake.replace(delivery(prod, source="prod"), run())
    opened.lake.replace(delivery(rows(line("5", period=APRIL, day=30)), source="office"), run())
    yield opened
    opened.close()


def test_lines_add_up_to_the_bills_and_the_bills_to_the_invoices(container: Container) -> None:
    made = container.statements.make(APRIL)
    bills = {(bill.source, bill.currency): bill for bill in made.bills}
    assert made.by == "team"
    assert {key: (str(bill.total.normalize()), bill.agrees) for key, bill in bills.items()} == {
        ("office", "EUR"): ("5", None),
        ("prod", "EUR"): ("40.334", True),
        ("prod", "USD"): ("11", True),
    }
    assert made.billed == sum(bill.billed for bill in made.bills) == Decimal("54.13")  # 5.00 + 40.33 + 11 ÷ 1.25
    assert made.effective == Decimal("108.27")
    assert made.faults == ()
    by_team = totals(made.lines, lambda line: line.whose)
    assert sum(billed for billed, _ in by_team.values()) == made.billed
    assert by_team["b"] == (Decimal("8.80"), Decimal("17.60"))
    assert made.unallocated_share is not None
    assert round(made.unallocated_share, 4) == Decimal("0.1909")


def test_corrections_of_a_closed_month_are_told_apart(container: Container) -> None:
    (corrected,) = [line for line in container.statements.make(APRIL).lines if line.correction]
    assert (corrected.whose, corrected.charged_in, corrected.billed) == ("b", MARCH, Decimal("0.80"))


def test_a_budget_is_about_the_one_team_that_its_scope_can_hold(container: Container) -> None:
    budgets = {budget.finding.policy: budget for budget in container.statements.make(APRIL).budgets}
    assert (budgets["a-monthly"].whose, budgets["all-monthly"].whose) == ("a", None)
    assert budgets["a-monthly"].finding.amount["spent"].amount == Decimal(70)  # by the day of the charge
    assert str(budgets["a-monthly"].finding.period) == "2026-04-01 to 2026-04-30"


def test_a_month_that_is_not_all_there_is_not_compared_in_silence(container: Container) -> None:
    made = container.statements.make(APRIL)
    assert made.last_month.total == Decimal("40.00")
    assert made.last_month.incomplete == (
        "office has no bill of 2026-03",
        "the bills of prod begin on 2026-03-05",
    )
    assert made.last_year.unknown == "there is no bill of 2025-04"


def test_a_running_month_is_compared_with_the_same_days_and_says_so(container: Container) -> None:
    assert isinstance(container.clock, StoppedClock)
    days = rows(*(line(str(day), period=MARCH, day=day) for day in (1, 10, 20, 31)))
    container.lake.replace(delivery(days, "b", source="prod"), run())
    part = rows(line("7", period=APRIL, day=1), line("8", period=APRIL, day=10))
    container.lake.replace(delivery(part, "c", source="prod"), run())
    container.clock.moment = datetime(2026, 4, 11, 12, tzinfo=UTC)

    made = container.statements.make(APRIL)
    assert made.last_month.through == {"prod": date(2026, 3, 10)}  # office has charged the month to its end
    assert made.last_month.total == Decimal("22.00")  # the 1st and the 10th, at twice the billed cost
    [listed] = [one for one in MonthLister(container.statements).read().months if one.month.first == APRIL]
    assert (listed.effective, listed.same_days) == (made.effective, True)

    container.clock.moment = datetime(2026, 5, 10, tzinfo=UTC)
    made = container.statements.make(APRIL)
    assert (made.last_month.through, made.last_month.total) == ({}, Decimal("124.00"))


def test_a_running_month_has_the_forecast_of_its_days_with_what_bills_hold_for_others(container: Container) -> None:
    assert isinstance(container.clock, StoppedClock)
    container.clock.moment = datetime(2026, 4, 11, 12, tzinfo=UTC)
    unknown = container.statements.make(APRIL)
    assert (unknown.forecast, unknown.no_forecast.partition(":")[0]) == (None, "no forecast")

    def foreseen(billed_elsewhere: date | None = None) -> MonthForecast:
        """With the same charges each day, of which the bill of another month holds those of one day."""
        days = [line("5", period=MARCH, day=day) for day in range(1, 32)]
        days += [line("5", period=APRIL, day=day) for day in range(1, 11)]
        for one in days:
            if cast("datetime", one["ChargePeriodStart"]).date() == billed_elsewhere:
                one["billing_period"] = APRIL if one["billing_period"] == MARCH else MARCH
        container.lake.replace(delivery(rows(*days), str(billed_elsewhere), source="prod"), run())
        made = container.statements.make(APRIL)
        assert made.forecast is not None, made.no_forecast
        assert made.no_forecast == ""
        return made.forecast

    container.lake.replace(delivery(rows(line("0", period=APRIL, day=1)), "empty", source="office"), run())
    now = container.clock.moment
    for source in container.sources:
        container.state.collections.record(
            CollectionRun(
                source,
                source,
                "focus-files",
                now,
                now,
                CollectionOutcome.OK,
                complete_through=datetime(2026, 4, 11, tzinfo=UTC),
            )
        )
    made = foreseen()
    assert made.low <= made.amount <= made.high
    assert made.amount == Decimal(300)  # EffectiveCost of 30 days

    assert (foreseen(date(2026, 3, 31)).amount, foreseen(date(2026, 4, 1)).amount) == (Decimal(310), Decimal(290))
    container.clock.moment = datetime(2026, 5, 1, tzinfo=UTC)
    ended = container.statements.make(APRIL)
    assert (ended.forecast, ended.no_forecast) == (None, "")


def test_links_lead_to_the_charges_behind_each_line_with_its_sum(container: Container) -> None:
    def charge(amount: str, *, period: date = APRIL, begins: datetime | None = None, **more: Any) -> dict[str, object]:
        first = begins or datetime(period.year, period.month, 1, tzinfo=UTC)
        return line(
            amount, period=period, BillingPeriodStart=first, BillingPeriodEnd=first + timedelta(days=30), **more
        )

    late = {
        "ChargePeriodStart": datetime(2026, 2, 27, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 2, 28, tzinfo=UTC),
    }
    charges = rows(
        charge("30", day=2),
        charge("4", day=3, ServiceName="o'brien & co", Tags=None),
        charge("10", day=1, currency="USD", Tags='{"team":"b"}'),
        charge("1.5", Tags='{"team":"b"}', **late),
        charge("2", day=30, Tags='{"team":"b"}', begins=datetime(2026, 3, 31, 16, tzinfo=UTC)),  # a bill in +08:00
        charge("20", period=MARCH, day=5),
        {**charge("7", day=9, ServiceName="storage", begins=datetime(2026, 3, 1, tzinfo=UTC)), "billing_period": MARCH},
    )  # fmt: skip
    container.lake.replace(delivery(charges, "links", source="prod"), run())
    office = rows(charge("5", day=30, ServiceName="storage"))
    container.lake.replace(delivery(office, "links", source="office"), run())
    made = container.statements.make(APRIL)
    assert made.apart.keys() == {("b", "compute"), ("a", "storage")}
    odd = "o'brien & co"
    of_days = {("a", "compute"), ("unallocated", None), ("unallocated", odd), (None, odd)}
    asked: list[tuple[str | None, str | None]] = [(None, None)]
    for one in made.lines:
        asked += [(one.whose, None), (None, one.service), (one.whose, one.service)]
    for whose, service in asked:
        address = costs_billed(made, whose, service)
        told = dict(parse_qsl(address.partition("?")[2]))
        question = CostQuestion(
            date.fromisoformat(told["from"]),
            date.fromisoformat(told["to"]),
            tuple(told["by"].split(",")),
            Every(told["every"]),
            scope=told.get("scope", ""),
        )
        assert question.address == address
        assert ("BillingPeriodStart" in address) == ((whose, service) not in of_days)
        [total] = container.costs.report(container.costs.understand(question)).whole
        of_line = [one for one in made.lines if whose in {None, one.whose} and service in {None, one.service}]
        assert total.amounts[0] is not None
        assert round(total.amounts[0], 2) == sum(one.effective for one in of_line)

    [of_a, of_all] = [made.behind[one.finding.id] for one in made.budgets]
    assert "team+%3D+%27a%27" in of_a
    assert of_all.startswith("/costs?from=2026-04-01&to=2026-05-01&")


def test_the_list_agrees_with_the_statements(container: Container) -> None:
    listed = MonthLister(container.statements).read()
    assert listed.by[0] == "team"
    for one in listed.months:
        assert one.effective == container.statements.make(one.month.first).effective
    april = listed.months[0]
    assert (april.bills, april.agreeing, april.differing, april.same_days) == (3, 2, 0, False)
    assert (april.budgets, april.over, april.over_by) == (2, 1, Decimal(20))  # 70 of 50 EUR


def test_what_was_made_of_a_whole_lake_is_not_told_of_a_damaged_one(container: Container) -> None:
    lister, years = MonthLister(container.statements), BudgetYears(container.evaluator, container.clock)
    assert lister.read().months[0].effective is not None
    assert spent_in(years, APRIL) == {
        "a-monthly": Decimal("70.00"),
        "all-monthly": Decimal("106.668"),
    }  # by charge days
    for file in (container.config.base / "lake" / "costs_daily").glob("source=prod/*/*.parquet"):
        file.unlink()
    assert lister.read().months[0].effective is None
    assert spent_in(years, APRIL) == {"a-monthly": None, "all-monthly": None}


def spent_in(years: BudgetYears, first: date) -> dict[str, Decimal | None]:
    return {
        plan.policy: month.actual for plan in years.read(2026).plans for month in plan.months if month.month == first
    }


def test_a_bill_that_ends_before_the_month_is_provisional(container: Container) -> None:
    assert container.statements.make(APRIL).provisional == ()
    assert container.statements.make(MARCH).provisional == (
        "the bill of prod reaches 2026-03-06 00:00 UTC only",
        "office has delivered no bill of 2026-03",
    )


def test_a_running_month_says_when_it_settles(container: Container) -> None:
    assert isinstance(container.clock, StoppedClock)
    container.clock.moment = datetime(2026, 5, 2, 12, tzinfo=UTC)
    assert container.statements.make(APRIL).provisional == ("2026-04 is not settled before 2026-05-03 00:00 UTC",)


def test_a_closed_bill_that_changes_is_in_the_statement_of_the_month_in_which_it_arrived(container: Container) -> None:
    before = container.statements.make(APRIL).data_version
    restated = rows(line("18", period=MARCH, day=5))
    container.lake.replace(delivery(restated, source="prod", digest="restated"), run())
    assert container.lake.version() != before
    arrived = {change.at.date() for change in container.lake.history()}
    month = max(arrived).replace(day=1)
    container.lake.replace(delivery(rows(line("1", period=month, day=1)), source="office", digest="now"), run())
    (change,) = container.statements.make(month).restated
    assert (change.source, change.month, change.billed, change.currency) == ("prod", MARCH, Decimal(-2), "EUR")


def test_nothing_is_converted_without_a_rate(container: Container) -> None:
    (container.config.base / "rates.csv").write_text("Date,USD\n2026-01-01,1.25\n", encoding="utf-8")
    with pytest.raises(MissingRate, match="no rate"):
        container.statements.make(APRIL)


def test_a_month_without_a_bill_names_those_that_there_are(container: Container) -> None:
    with pytest.raises(NotFound, match="there are bills of 2026-03 to 2026-04"):
        container.statements.make(date(2026, 1, 1))


def test_a_column_that_costs_are_not_told_apart_by(container: Container) -> None:
    with pytest.raises(BadArguments, match="grouped by 'ResourceId'") as caught:
        container.statements.make(APRIL, by="ResourceId")
    assert "ServiceName" in caught.value.remedy
    assert container.statements.make(APRIL, by="ServiceName").by == "ServiceName"
