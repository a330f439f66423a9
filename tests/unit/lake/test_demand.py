"""Demand: one whole series at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.errors import Unreachable
from finops.lake.tables.table import Table
from finops.ports.lake import NewSeries
from tests.support.bills import MARCH, MONEY, lake, run


def series(*values: str, **dimensions: list[str | None]) -> pl.DataFrame:
    days = [MARCH + timedelta(days=n) for n in range(len(values))]
    return pl.DataFrame(
        {"day": days, "value": [Decimal(value) for value in values], **dimensions},
        schema_overrides={"value": MONEY, **dict.fromkeys(dimensions, pl.String)},
    )


def test_a_series_is_replaced_whole_and_alone(tmp_path: Path) -> None:
    own = lake(tmp_path)
    assert own.demand_digest("orders") is None
    assert own.replace_demand([NewSeries("orders", series("1", "2"), "a", "orders")], run()) == 0
    assert own.replace_demand([NewSeries("visitors", series("7"), "v", "visitors")], run()) == 1
    assert own.replace_demand([NewSeries("orders", series("3"), "b", "orders")], run()) == 2
    assert (own.demand_digest("orders"), own.demand_digest("visitors")) == ("b", "v")
    found = own.at(own.version()).demand().sort("name").collect()
    assert found.select("name", "value", "unit").rows() == [
        ("orders", Decimal(3), "orders"),
        ("visitors", Decimal(7), "visitors"),
    ]


def test_an_unchanged_series_writes_nothing(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run())
    assert own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run()) is None
    assert own.version().demand == 0


def test_dimensions_are_canonical_json(tmp_path: Path) -> None:
    own = lake(tmp_path)
    frame = series("1", "2", "3", shop=["b", None, 'q"'], country=["de", "at", None])
    own.replace_demand([NewSeries("orders", frame, "a", "orders")], run())
    found = own.at(own.version()).demand().sort("value").collect()["dimensions"].to_list()
    assert found == ['{"country":"de","shop":"b"}', '{"country":"at"}', '{"shop":"q\\""}']


def test_a_series_can_become_empty(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run())
    own.replace_demand([NewSeries("orders", series(), "b", "orders")], run())
    assert own.at(own.version()).demand().collect().is_empty()
    assert own.demand_digest("orders") == "b"


def test_a_lost_race_is_tried_again(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    own, rival = lake(tmp_path), lake(tmp_path)
    own.replace_demand([NewSeries("visitors", series("7"), "v", "visitors")], run())
    honest = Table._write

    def rival_first(self: Table, *args: object) -> None:
        monkeypatch.setattr(Table, "_write", honest)
        rival.replace_demand([NewSeries("orders", series("5"), "r", "orders")], run())
        honest(self, *args)  # type: ignore[arg-type] # passed through

    monkeypatch.setattr(Table, "_write", rival_first)
    assert own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run()) == 2
    values = own.at(own.version()).demand().sort("name").collect()["value"].to_list()
    assert values == [Decimal(1), Decimal(7)]


def test_many_series_are_one_commit(tmp_path: Path) -> None:
    own = lake(tmp_path)
    new = [NewSeries(f"series-{number}", series(str(number)), "a", "orders") for number in range(82)]
    assert own.replace_demand(new, run()) == 0
    changed = [NewSeries("series-7", series("70"), "b", "orders"), *new[8:], NewSeries("late", series("1"), "l", "x")]
    assert own.replace_demand(changed, run()) == 1
    found = own.at(own.version()).demand().collect()
    assert dict(found.select("name", "value").iter_rows()) == {
        **{f"series-{number}": Decimal(number) for number in range(82)},
        "series-7": Decimal(70),
        "late": Decimal(1),
    }


def test_threads_that_write_at_once_share_commits_and_lose_nothing(tmp_path: Path) -> None:
    own, threads = lake(tmp_path), 24
    start = threading.Barrier(threads)

    def write(number: int) -> int | None:
        start.wait()
        return own.replace_demand([NewSeries(f"series-{number}", series(str(number)), "a", "orders")], run())

    with ThreadPoolExecutor(threads) as pool:
        versions = list(pool.map(write, range(threads)))
    found = own.at(own.version()).demand().collect()
    assert dict(found.select("name", "value").iter_rows()) == {f"series-{n}": Decimal(n) for n in range(threads)}
    assert all(version is not None for version in versions)
    assert max(version or 0 for version in versions) == own.version().demand


def test_a_failure_reaches_every_thread_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)

    def unreachable(*_: object, **__: object) -> int:
        raise Unreachable("the store is away", where="lake", remedy="Wait")

    monkeypatch.setattr(Table, "commit", unreachable)
    with pytest.raises(Unreachable):
        own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run())
    monkeypatch.undo()
    assert own.replace_demand([NewSeries("orders", series("1"), "a", "orders")], run()) == 0
