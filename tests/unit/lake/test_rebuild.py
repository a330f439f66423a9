"""``rebuild`` makes the derived tables from ``costs``, whatever has happened to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from finops.errors import BrokenStore, FinopsError, NotFound
from finops.lake import DeltaLake
from finops.ports.lake import LakeView
from tests.support.bills import APRIL, delivery, lake, line, rows, run, totals

Damage = Callable[[Path], None]


def _each(pattern: str, change: Callable[[Path], object]) -> Damage:
    def damage(table: Path) -> None:
        found = sorted(table.glob(pattern))
        assert found
        for path in found:
            change(path)

    return damage


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _swap_commits(table: Path) -> None:
    first, second = (table / "_delta_log" / f"{number:020}.json" for number in (0, 1))
    texts = first.read_text(), second.read_text()
    first.write_text(texts[1])
    second.write_text(texts[0])


def _reverse_rows(path: Path) -> None:
    pl.read_parquet(path).reverse().write_parquet(path)


def _change_rows(path: Path) -> None:
    frame = pl.read_parquet(path)
    frame.with_columns(
        pl.col("ServiceName" if "ServiceName" in frame.columns else "BilledCost").shift(1)
    ).write_parquet(path)


def _become_a_file(table: Path) -> None:
    shutil.rmtree(table)
    table.write_text("not a table")


DAMAGES: dict[str, Damage] = {
    "folder lost": shutil.rmtree,
    "folder is a file": _become_a_file,
    "log lost": lambda table: shutil.rmtree(table / "_delta_log"),
    "commit lost": lambda table: (table / "_delta_log" / f"{0:020}.json").unlink(),
    "newest commit lost": lambda table: (table / "_delta_log" / f"{1:020}.json").unlink(),
    "commits shortened": _each("_delta_log/*.json", _shorten),
    "commits empty": _each("_delta_log/*.json", lambda path: path.write_text("")),
    "commits are no JSON": _each("_delta_log/*.json", lambda path: path.write_text("garbage")),
    "commits are other JSON": _each("_delta_log/*.json", lambda path: path.write_text("[1]\n")),
    "commits swapped": _swap_commits,
    "files lost": _each("**/*.parquet", Path.unlink),
    "files shortened": _each("**/*.parquet", _shorten),
    "files empty": _each("**/*.parquet", lambda path: path.write_bytes(b"")),
    "rows reversed": _each("**/*.parquet", _reverse_rows),
    "rows wrong": _each("**/*.parquet", _change_rows),
}


def _filled(at: Path) -> DeltaLake:
    own = lake(at)
    own.replace(delivery(rows(line("1"), line("2", day=2, ServiceName="disk"), line("4", period=APRIL))), run())
    own.replace(delivery(rows(line("8", ServiceName="network", Tags='{"team":"b"}')), "b", source="azure"), run())
    return own


def _by_service(own: DeltaLake) -> dict[tuple[str, str], Decimal]:
    return _by_service_of(own.at(own.version()))


def _by_service_of(view: LakeView) -> dict[tuple[str, str], Decimal]:
    daily = view.costs_daily().join(view.scopes().select("scope_id", "ServiceName", "team"), on="scope_id")
    found = daily.group_by("ServiceName", "team").agg(pl.col("BilledCost").sum()).collect()
    return {(service, team): amount for service, team, amount in found.iter_rows()}


@pytest.mark.parametrize("table", ["scopes", "costs_daily"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_whatever_happened_to_a_derived_table_it_is_made_anew(tmp_path: Path, damage: Damage, table: str) -> None:
    before = _by_service(running := _filled(tmp_path))
    damage(tmp_path / "lake" / table)
    steps: list[tuple[int, int]] = []
    said = lake(tmp_path).rebuild(lambda done, total: steps.append((done, total)))
    assert said.startswith("rebuilt scopes and costs_daily: 3 billing periods of costs version 1")
    assert steps[-1] == (3, 3)
    for own in (lake(tmp_path), running):  # a service that had the old tables open goes on with the new ones
        assert _by_service(own) == before
        assert list(own.heal()) == []
        assert list(own.reconcile()) == []
    running.replace(delivery(rows(line("16")), "c", source="azure"), run())
    assert totals(running.at(running.version())) == (23, 23)


@pytest.mark.parametrize("table", ["scopes", "costs_daily", "costs"])
@pytest.mark.parametrize("kind", ["lost", "shortened", "empty"])
def test_a_broken_file_is_named_with_what_repairs_it(tmp_path: Path, kind: str, table: str) -> None:
    _filled(tmp_path)
    DAMAGES[f"files {kind}"](tmp_path / "lake" / table)
    said = _faults(lake(tmp_path))
    assert f"{table}/" in said
    assert ".parquet" in said
    if table == "costs":
        assert "rebuild" not in said
        assert "Run 'finops collect aws', which brings the billing period 2026-03-01 again" in said
        assert "otherwise restore this file from a backup" in said
    else:
        assert "finops lake rebuild" in said
        assert "estore" not in said


def _faults(own: DeltaLake) -> str:
    """Of a service that goes on: what it says of each, or why nothing can be counted."""
    own.heal()
    try:
        return "\n".join(own.faults(own.version()).sentences)
    except FinopsError as error:
        return str(error)


_HARMLESS = {"commits swapped", "rows reversed", "rows wrong"}


@pytest.mark.parametrize("table", ["scopes", "costs_daily"])
@pytest.mark.parametrize("name", [name for name in DAMAGES if name not in _HARMLESS])
def test_a_broken_derived_table_is_named_or_made_anew(tmp_path: Path, name: str, table: str) -> None:
    before = _by_service(_filled(tmp_path))
    DAMAGES[name](tmp_path / "lake" / table)
    own = lake(tmp_path)
    try:
        own.heal()
        said = "; ".join(own.faults(own.version()).sentences)
    except FinopsError as error:
        assert f"lake/{table}" in error.where  # noqa: PT017 - some damages are repaired, the others have to be named
        said = str(error)
    if said:
        assert "finops lake rebuild" in said
    else:
        assert _by_service(own) == before


def test_a_lost_file_of_costs_stops_a_rebuild_before_it_begins(tmp_path: Path) -> None:
    own = _filled(tmp_path)
    before = own.version()
    DAMAGES["files lost"](tmp_path / "lake" / "costs")
    with pytest.raises(FinopsError, match="of the table 'costs' is lost"):
        own.rebuild(lambda _done, _total: None)
    assert own.version() == before


@pytest.mark.parametrize("source", ["aws", "somebody"])
def test_rows_of_another_program_are_named_and_never_rolled_up(tmp_path: Path, source: str) -> None:
    own = _filled(tmp_path)
    before, by_service = totals(own.at(own.version())), _by_service(own)
    schema = own.at(own.version()).costs().collect_schema()
    foreign = rows(line("1000"), line("500", day=3)).with_columns(source=pl.lit(source))
    foreign.select(name for name in foreign.columns if name in schema).write_delta(
        tmp_path / "lake" / "costs", mode="append", delta_write_options={"schema_mode": "merge"}
    )
    with pytest.raises(BrokenStore, match=f"2 rows of source {source}, 2026-03-01"):
        own.rebuild(lambda _done, _total: None)
    for _ in range(2):
        own.heal()
        faults = own.faults(own.version())
        assert list(faults.costs) == [source]
        assert f"2 rows of source {source}, 2026-03-01" in faults.costs[source]
        assert ("finops collect" in faults.costs[source]) == (source == "aws")
        view = own.at(own.version(), without=faults)
        assert source not in view.costs().select("source").unique().collect()["source"]
        assert _by_service_of(view) == by_service
    DeltaTable(tmp_path / "lake" / "costs").delete(f"source = '{source}' AND \"BilledCost\" >= 500")
    own.heal()
    assert own.faults(own.version()).sentences == ()
    assert totals(own.at(own.version())) == before


def test_a_new_delivery_removes_rows_of_another_program(tmp_path: Path) -> None:
    own = _filled(tmp_path)
    foreign = rows(line("1000")).with_columns(source=pl.lit("azure"))
    foreign.write_delta(tmp_path / "lake" / "costs", mode="append", delta_write_options={"schema_mode": "merge"})
    own.replace(delivery(rows(line("16")), "c", source="azure"), run())
    assert totals(own.at(own.version())) == (23, 23)


def test_sound_tables_keep_their_earlier_versions(tmp_path: Path) -> None:
    own = _filled(tmp_path)
    earlier = own.version()
    assert "gone" not in own.rebuild(lambda _done, _total: None)
    assert own.version() != earlier
    assert totals(own.at(earlier)) == totals(own.at(own.version()))


def test_an_empty_lake_has_nothing_to_rebuild(tmp_path: Path) -> None:
    assert "the lake is empty" in lake(tmp_path).rebuild(lambda _done, _total: None)


def test_without_costs_nothing_is_rebuilt_and_nothing_deleted(tmp_path: Path) -> None:
    _filled(tmp_path)
    shutil.rmtree(tmp_path / "lake" / "costs")
    with pytest.raises(NotFound, match="'costs' is gone"):
        lake(tmp_path).rebuild(lambda _done, _total: None)
    assert list((tmp_path / "lake" / "costs_daily").rglob("*.parquet"))
