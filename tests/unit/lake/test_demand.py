"""Demand: one whole series at a time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from finops.lake.tables.table import Table
from tests.unit.lake.bills import MARCH, MONEY, lake, run


def series(*values: str, **dimensions: list[str | None]) -> pl.DataFrame:
    days = [MARCH + timedelta(days=n) for n in range(len(values))]
    return pl.DataFrame(
        {"day": days, "value": [Decimal(value) for value in values], **dimensions},
        schema_overrides={"value": MONEY, **dict.fromkeys(dimensions, pl.String)},
    )


def test_a_series_is_replaced_whole_and_alone(tmp_path: Path) -> None:
    own = lake(tmp_path)
    assert own.demand_digest("orders") is None
    assert own.replace_demand("orders", series("1", "2"), "a", "orders", run()) == 0
    assert own.replace_demand("visitors", series("7"), "v", "visitors", run()) == 1
    assert own.replace_demand("orders", series("3"), "b", "orders", run()) == 2
    assert (own.demand_digest("orders"), own.demand_digest("visitors")) == ("b", "v")
    found = own.at(own.version()).demand().sort("name").collect()
    assert found.select("name", "value", "unit").rows() == [
        ("orders", Decimal(3), "orders"),
        ("visitors", Decimal(7), "visitors"),
    ]


def test_an_unchanged_series_writes_nothing(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_demand("orders", series("1"), "a", "orders", run())
    assert own.replace_demand("orders", series("1"), "a", "orders", run()) is None
    assert own.version().demand == 0


def test_dimensions_are_canonical_json(tmp_path: Path) -> None:
    own = lake(tmp_path)
    frame = series("1", "2", "3", shop=["b", None, 'q"'], country=["de", "at", None])
    own.replace_demand("orders", frame, "a", "orders", run())
    found = own.at(own.version()).demand().sort("value").collect()["dimensions"].to_list()
    assert found == ['{"country":"de","shop":"b"}', '{"country":"at"}', '{"shop":"q\\""}']


def test_a_series_can_become_empty(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_demand("orders", series("1"), "a", "orders", run())
    own.replace_demand("orders", series(), "b", "orders", run())
    assert own.at(own.version()).demand().collect().is_empty()
    assert own.demand_digest("orders") == "b"


def test_a_lost_race_is_tried_again(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    own, rival = lake(tmp_path), lake(tmp_path)
    own.replace_demand("visitors", series("7"), "v", "visitors", run())
    honest = Table._write

    def rival_first(self: Table, *args: object) -> None:
        monkeypatch.setattr(Table, "_write", honest)
        rival.replace_demand("orders", series("5"), "r", "orders", run())
        honest(self, *args)  # type: ignore[arg-type] # passed through

    monkeypatch.setattr(Table, "_write", rival_first)
    assert own.replace_demand("orders", series("1"), "a", "orders", run()) == 2
    values = own.at(own.version()).demand().sort("name").collect()["value"].to_list()
    assert values == [Decimal(1), Decimal(7)]
