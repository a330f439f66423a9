"""Demand from the bills themselves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.collect.demand import CostsDemand, CostsDemandOptions
from finops.errors import RefusedBatch
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from tests.support.bills import MARCH, MONEY, delivery, lake, line, rows, run

COLUMNS = condition_columns().with_dimensions(("team",))


def demand(own: DeltaLake, **options: Any) -> CostsDemand:
    made = CostsDemandOptions.model_validate({"column": "ConsumedQuantity", "unit": "tokens", **options})
    assert CostsDemand.check_options(made, COLUMNS) == []
    return CostsDemand.from_options("tokens", made, lake=own, columns=COLUMNS)


def bill(own: DeltaLake, *lines: dict[str, object], digest: str = "a", source: str = "ai") -> None:
    frame = rows(*lines).cast({"ConsumedQuantity": MONEY})
    own.replace(delivery(frame, digest, source=source), run())


def tokens(quantity: str | None, day: int = 1, unit: str | None = "Tokens", **columns: Any) -> dict[str, object]:
    return line(day=day, ConsumedQuantity=quantity and Decimal(quantity), ConsumedUnit=unit, **columns)


def values(series: CostsDemand) -> dict[date, Decimal]:
    found = series.read(None)
    assert found is not None
    return {row[0]: row[1] for row in found.frame.rows()}


def test_a_quantity_by_day_a_missing_day_is_missing_and_zero_is_zero(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill(
        own,
        tokens("1500"),
        tokens("0.5"),
        tokens(None, day=2),  # a fee: it states no quantity
        tokens("0", day=3),
        tokens("7", day=4, ServiceName="other"),
    )
    series = demand(own, scope="ServiceName = 'compute'")
    assert values(series) == {date(2026, 3, 1): Decimal("1500.5"), date(2026, 3, 3): Decimal(0)}


def test_it_is_spread_like_the_costs(tmp_path: Path) -> None:
    own = lake(tmp_path, timezone="Europe/Berlin")
    bill(own, tokens("10", length=timedelta(days=3)))
    days = own.at(own.version()).costs_daily().select("day").collect()["day"].to_list()
    assert sorted(values(demand(own))) == sorted(days)
    assert sum(values(demand(own)).values()) == 10


def test_groups_become_dimensions_and_an_unset_one_is_blank(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill(own, tokens("1"), tokens("2"), tokens("4", Tags=None), tokens("8", Tags='{"team":"b"}'))
    found = demand(own, group_by=["team", "ServiceName"], scope="team <> 'b' OR team IS NULL").read(None)
    assert found is not None
    assert found.frame.columns == ["day", "value", "team", "ServiceName"]
    assert [row[1:3] for row in found.frame.rows()] == [(Decimal(4), ""), (Decimal(3), "a")]


def test_what_is_restated_in_the_bills_is_restated_here(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill(own, tokens("5"), tokens("6", day=2))
    series = demand(own)
    first = series.read(None)
    assert first is not None
    assert series.read(first.digest) is None
    bill(own, tokens("9"), digest="b")
    second = series.read(first.digest)
    assert second is not None
    assert second.frame.rows() == [(MARCH, Decimal(9))]


def test_bills_that_changed_elsewhere_make_no_new_series(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill(own, tokens("5"))
    series = demand(own, scope="source = 'ai'")
    first = series.read(None)
    assert first is not None
    bill(own, tokens("7"), source="aws")
    assert series.read(first.digest) is None
    assert demand(own, scope="source = 'ai'").read(first.digest) is None


def test_units_are_not_mixed(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill(own, tokens("5"), tokens("7", unit="Images"), tokens("1", unit=None))
    series = demand(own)
    with pytest.raises(RefusedBatch) as caught:
        series.read(None)
    assert "several units, which cannot be summed: Images, Tokens, no unit" in str(caught.value)
    assert "ConsumedUnit = 'Images'" in caught.value.remedy
    assert [check.passed for check in series.check()] == [False]
    assert values(demand(own, scope="ConsumedUnit = 'Tokens'")) == {MARCH: Decimal(5)}


def test_bills_without_the_columns_and_a_lake_without_bills(tmp_path: Path) -> None:
    own = lake(tmp_path)
    series = demand(own, scope="ServiceCategory = 'AI and Machine Learning' AND ResourceId IS NULL")
    assert values(series) == {}
    own.replace(delivery(rows(line())), run())
    assert values(series) == {}
    (check,) = series.check()
    assert (check.passed, check.detail) == (True, "0 days, no row states the quantity yet")


def test_faults_that_only_the_columns_show() -> None:
    options = CostsDemandOptions(
        scope="tema = 'a' AND ServiceName = 1", column="ConsumedQuantitty", group_by=["team", "EffectiveCost"]
    )
    found = [(fault.loc, fault.offset, fault.message) for fault in CostsDemand.check_options(options, COLUMNS)]
    assert found == [
        (("scope",), 0, "unknown column 'tema'"),
        (("scope",), 29, "a text is compared with a number"),
        (("column",), None, "'ConsumedQuantitty' is not a quantity column"),
        (("group_by", 1), None, "unknown column 'EffectiveCost'"),
    ]
