"""Which rows tell how far a bill has arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops.lake.tables.measure import measure
from finops.model.completeness import Reach, reach
from tests.support.bills import delivery, lake, line, rows, run

NOW = datetime(2026, 3, 25, 6, tzinfo=UTC)
USAGE = [line("1", day=day) for day in range(1, 11) for _ in range(2)]
HOUR = timedelta(hours=1)


def reached(*lines: Any, now: datetime = NOW) -> Reach:
    return reach([measure(rows(*lines)).usage.completeness(now)])


@pytest.mark.parametrize(
    "other",
    [
        {"ChargeCategory": "Purchase"},
        {"ChargeCategory": "Tax"},
        {"ChargeCategory": "Credit"},
        {"ChargeCategory": "Adjustment"},
        {"ChargeFrequency": "Recurring"},
        {"ChargeFrequency": "One-Time"},
        {"ChargeClass": "Correction"},
        {"CommitmentDiscountStatus": "Unused"},
        {"CapacityReservationStatus": "Unused"},
        {"AllocatedMethodId": "split"},
    ],
    ids=str,
)
def test_only_ordinary_usage_counts_where_there_is_usage(other: dict[str, Any]) -> None:
    ahead = [line("9", day=day, **other) for day in (20, 21, 22) for _ in range(5)]
    assert reached(*USAGE, *ahead).through == datetime(2026, 3, 11, tzinfo=UTC)
    assert reached(*ahead).through == datetime(2026, 3, 23, tzinfo=UTC)


def test_nothing_that_starts_after_the_collection_counts() -> None:
    ahead = [line("1", day=day) for day in (26, 27) for _ in range(2)]
    assert reached(*USAGE, *ahead).through == datetime(2026, 3, 11, tzinfo=UTC)
    fee = line("9", day=28, ChargeCategory="Purchase")
    assert reached(fee).through is None


def test_usage_of_a_whole_month_reaches_to_the_collection() -> None:
    month = line("9", length=timedelta(days=31))
    bought = line("9", day=3, ChargeCategory="Purchase")
    assert reached(month, bought).through == NOW


def hourly(day: int, hour: int) -> Any:
    start = datetime(2026, 3, day, hour, tzinfo=UTC)
    return line("1", ChargePeriodStart=start, ChargePeriodEnd=start + HOUR)


def test_a_misdated_row_moves_no_hour_either() -> None:
    usage = [hourly(day, hour) for day in (8, 9, 10) for hour in range(11) for _ in range(3)]
    assert reached(*usage, hourly(10, 22)).through == datetime(2026, 3, 10, 11, tzinfo=UTC)


@pytest.mark.parametrize("column", ["SubAccountId", "BillingAccountId", "ServiceProviderName"])
def test_one_of_several_that_lags_is_named(column: str) -> None:
    early: dict[str, Any] = {column: "early"}
    late: dict[str, Any] = {column: "late"}
    usage = [line("1", day=day, **early) for day in range(1, 21) for _ in range(2)]
    usage += [line("1", day=day, **late) for day in range(1, 11)]
    kind = "provider" if column == "ServiceProviderName" else "account"
    end = datetime(2026, 3, 11, tzinfo=UTC)
    assert reached(*usage) == Reach(end, {f"{kind} late": end}, datetime(2026, 3, 21, tzinfo=UTC))


def test_a_small_account_holds_nothing_up() -> None:
    usage = [line("10", day=day, SubAccountId="large") for day in range(1, 21) for _ in range(3)]
    usage += [line("1", day=day, SubAccountId="small") for day in range(1, 4)]
    assert reached(*usage).late == {}


def test_the_lake_remembers_it(tmp_path: Path) -> None:
    own = lake(tmp_path)
    usage = [line("1", day=day, SubAccountId=name) for name in ("a", "b") for day in range(1, 11 if name == "a" else 6)]
    given = measure(rows(*usage)).usage.completeness(run().started_at)
    own.replace(delivery(rows(*usage)), run())
    (known,) = own.known("aws").values()
    assert known.completeness == given
