"""``costs_allocated``: derived, complete, and the same from the same versions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from shutil import rmtree

import polars as pl
import pytest

from finops.allocate import Rules
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake
from finops.model.allocation import Allocation, By, BySeries, ByWeights
from finops.ports.lake import LakeView, NewSeries
from tests.support.bills import APRIL, MARCH, FromTag, delivery, lake, line, rows, run

COLUMNS = condition_columns().with_dimensions(("team",))
HALVES = ByWeights({"a": Decimal(1), "b": Decimal(1)})
SHARED = '{"team":"shared"}'


def rules(by: By = HALVES) -> Rules:
    return Rules((Allocation("platform", "team = 'shared'", "team", by),), COLUMNS)


def opened(folder: Path, by: By = HALVES) -> DeltaLake:
    return lake(folder, dimensions=FromTag(("team",)), allocations=rules(by))


def cpu(**values: str) -> NewSeries:
    frame = pl.DataFrame(
        {"day": [MARCH] * len(values), "team": list(values), "value": [Decimal(value) for value in values.values()]},
        schema_overrides={"value": pl.Decimal(38, 15)},
    )
    return NewSeries("cpu", frame, repr(values))


def by_team(view: LakeView) -> Mapping[str, Decimal]:
    sums = view.costs_daily().join(view.scopes(), on="scope_id").group_by("team").agg(pl.col("BilledCost").sum())
    return {team: amount for team, amount in sorted(sums.collect().iter_rows()) if amount}


def stored(folder: Path) -> Mapping[str, Decimal]:
    """As another program reads it: both tables of costs, both tables of scopes."""
    names = ("costs_daily", "costs_allocated", "scopes", "scopes_allocated")
    read = {name: pl.read_delta(str(folder / "lake" / name)) for name in names}
    columns = ["scope_id", "BilledCost"]
    costs = pl.concat([read["costs_daily"].select(columns), read["costs_allocated"].select(columns)])
    scopes = pl.concat([read["scopes"], read["scopes_allocated"]], how="diagonal")
    sums = costs.join(scopes, on="scope_id").group_by("team").agg(pl.col("BilledCost").sum())
    return {team: amount for team, amount in sorted(sums.iter_rows()) if amount}


@pytest.fixture
def own(tmp_path: Path) -> DeltaLake:
    found = opened(tmp_path)
    found.replace(delivery(rows(line("10", Tags=SHARED), line("1"), line("4", period=APRIL, Tags=SHARED))), run())
    return found


def test_another_program_reads_what_was_allocated(own: DeltaLake, tmp_path: Path) -> None:
    assert own.heal() == ["brought costs_allocated up to costs version 0"]
    assert by_team(own.at(own.version()).allocated()) == stored(tmp_path) == {"a": Decimal(8), "b": Decimal(7)}
    assert by_team(own.at(own.version())) == {"a": Decimal(1), "shared": Decimal(14)}
    table = pl.read_delta(str(tmp_path / "lake" / "costs_allocated"))
    assert {"allocation", "from"} <= set(table.columns)
    assert table["EffectiveCost"].sum() == 0
    assert own.heal() == []
    assert opened(tmp_path).heal() == []
    assert [status.name for status in own.status()][-2:] == ["costs_allocated", "scopes_allocated"]


def test_a_restatement_is_allocated_anew_and_the_past_stays(own: DeltaLake, tmp_path: Path) -> None:
    own.heal()
    before = own.version()
    own.replace(delivery(rows(line("30", Tags=SHARED), line("1")), "b"), run())
    assert own.heal() == ["brought costs_allocated up to costs version 1"]
    assert by_team(own.at(own.version()).allocated()) == stored(tmp_path) == {"a": Decimal(18), "b": Decimal(17)}
    assert by_team(own.at(before).allocated()) == {"a": Decimal(8), "b": Decimal(7)}


def test_a_driver_that_changes_alone_is_a_new_version(tmp_path: Path) -> None:
    own = opened(tmp_path, BySeries("cpu", "team"))
    own.replace(delivery(rows(line("10", Tags=SHARED))), run())
    assert own.heal() == []
    assert by_team(own.at(own.version()).allocated()) == {"shared": Decimal(10)}
    own.replace_demand([cpu(a="1", b="4")], run())
    first = own.version()
    own.heal()
    assert by_team(own.at(first).allocated()) == stored(tmp_path) == {"a": Decimal(2), "b": Decimal(8)}
    own.replace_demand([cpu(a="1", b="1")], run())
    own.heal()
    assert by_team(own.at(own.version()).allocated()) == stored(tmp_path) == {"a": Decimal(5), "b": Decimal(5)}
    assert by_team(own.at(first).allocated()) == {"a": Decimal(2), "b": Decimal(8)}


def test_other_rules_replace_what_was_moved(own: DeltaLake, tmp_path: Path) -> None:
    own.heal()
    opened(tmp_path, ByWeights({"b": Decimal(1)})).heal()
    assert stored(tmp_path) == {"a": Decimal(1), "b": Decimal(14)}
    lake(tmp_path, dimensions=FromTag(("team",))).heal()
    assert stored(tmp_path) == {"a": Decimal(1), "shared": Decimal(14)}


@pytest.mark.parametrize("lost", ["file", "log", "table", "scopes"])
def test_what_is_lost_is_healed(own: DeltaLake, tmp_path: Path, lost: str) -> None:
    own.heal()
    folder = tmp_path / "lake" / ("scopes_allocated" if lost == "scopes" else "costs_allocated")
    if lost in {"file", "scopes"}:
        next(folder.rglob("*.parquet")).unlink()
    else:
        rmtree(folder / "_delta_log" if lost == "log" else folder)
    opened(tmp_path).heal()
    assert stored(tmp_path) == {"a": Decimal(8), "b": Decimal(7)}


def test_a_rebuild_makes_it_anew(own: DeltaLake, tmp_path: Path) -> None:
    own.heal()
    assert "brought costs_allocated up to costs version 0" in own.rebuild(lambda _done, _all: None)
    assert stored(tmp_path) == {"a": Decimal(8), "b": Decimal(7)}
    own.compact()
    assert own.heal() == []
    assert stored(tmp_path) == {"a": Decimal(8), "b": Decimal(7)}
