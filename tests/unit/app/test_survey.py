"""What a first configuration is proposed from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.app.survey import survey
from finops.errors import NotFound

HEADER = (
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId,"
    "Tags,BillingCurrency,BilledCost,EffectiveCost\n"
)


def row(day: date, cost: str, *, tags: str = "", currency: str = "EUR", category: str = "Usage") -> str:
    month, after = day.replace(day=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    quoted = '"' + tags.replace('"', '""') + '"'
    span = f"{month}T00:00:00Z,{after}T00:00:00Z,{day}T00:00:00Z,{day + timedelta(days=1)}T00:00:00Z"
    return f"{span},{category},Compute,0012,{quoted},{currency},{cost},{cost}\n"


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def bill(folder: Path, rows: list[str]) -> Path:
    (folder / "bill.csv").write_text(HEADER + "".join(rows))
    return folder


def test_an_ordinary_month_is_the_median_of_the_last_whole_ones_without_tax(tmp_path: Path) -> None:
    rows = [row(day, "10") for day in days(date(2026, 1, 1), 31)]
    rows += [row(day, "20") for day in days(date(2026, 2, 1), 28)]
    rows += [row(day, "11") for day in days(date(2026, 3, 1), 31)]
    rows += [row(day, "500") for day in days(date(2026, 4, 1), 3)]
    rows += [row(date(2026, 3, 2), "9999", category="Tax")]
    found = survey(["bill.csv"], base=bill(tmp_path, rows))
    assert [(month.start.month, month.whole) for month in found.months("EUR")] == [
        (1, True),
        (2, True),
        (3, True),
        (4, False),
    ]
    assert found.budget("EUR") == Decimal(350), "341 EUR in March"
    assert found.budget("USD") is None


def test_without_a_whole_month_the_days_there_are_are_scaled(tmp_path: Path) -> None:
    found = survey(["bill.csv"], base=bill(tmp_path, [row(day, "10") for day in days(date(2026, 3, 5), 10)]))
    assert found.budget("EUR") == Decimal(300)


def test_owner_like_tags_are_ranked_by_the_cost_that_they_explain(tmp_path: Path) -> None:
    rows = [
        row(date(2026, 3, 1), "60", tags='{"Cost Center": "7", "steam": "x"}'),
        row(date(2026, 3, 1), "30", tags='{"aws:user:team": "a:b", "Name": "team"}'),
        row(date(2026, 3, 1), "10", tags='{"owner": ""}'),
    ]
    found = survey(["bill.csv"], base=bill(tmp_path, rows))
    assert found.owner_tags == {"Cost Center": Decimal("0.6"), "aws:user:team": Decimal("0.3")}
    assert found.untagged == (("0012", "", Decimal("0.1")),)


def test_the_currency_is_that_of_most_of_the_cost(tmp_path: Path) -> None:
    rows = [row(date(2026, 3, 1), "1", currency="USD"), row(date(2026, 3, 1), "2", currency="CHF")]
    assert survey(["bill.csv"], base=bill(tmp_path, rows)).currencies == ("CHF", "USD")


@pytest.mark.parametrize(
    ("now", "as_of"),
    [
        (datetime(2026, 3, 20, tzinfo=UTC), None),
        (datetime(2026, 4, 2, tzinfo=UTC), None),
        (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, tzinfo=UTC)),
    ],
)
def test_an_old_bill_is_evaluated_at_its_end(tmp_path: Path, now: datetime, as_of: datetime | None) -> None:
    found = survey(["bill.csv"], base=bill(tmp_path, [row(date(2026, 3, 31), "1")]))
    assert found.as_of(now) == as_of


def test_a_bill_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="the bills have no rows"):
        survey(["bill.csv"], base=bill(tmp_path, []))
