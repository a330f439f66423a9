"""Ids of scopes, and the keys that stand for tuples while a rollup is made."""

from __future__ import annotations

from itertools import permutations
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from finops.errors import BrokenStore
from finops.lake import scope_book
from finops.lake.cells import Cells
from finops.lake.columns import COSTS_SCHEMA, scopes_schema, with_columns_of
from finops.lake.scope_book import KEY, ScopeBook, keys, scope_id
from tests.unit.lake.bills import FromTag, line, rows

NAMES = ("team",)


def book() -> ScopeBook:
    return ScopeBook(pl.DataFrame(schema=scopes_schema(NAMES)), NAMES, "here")


def tuples(*teams: str | None) -> pl.DataFrame:
    columns = [name for name in scopes_schema(NAMES) if name != "scope_id"]
    frame = pl.DataFrame([dict.fromkeys(columns, "x") | {"team": team} for team in teams], infer_schema_length=None)
    return frame.with_columns(pl.col("team").cast(pl.String)).with_columns(keys(tuple(columns)))


def bill(*teams: str) -> pl.DataFrame:
    frame = rows(*(line("1", source="aws", Tags=f'{{"team":"{team}"}}') for team in teams))
    return with_columns_of(frame.lazy(), COSTS_SCHEMA).select(Cells.reads(FromTag())).collect()


def test_an_id_is_a_contract_with_whoever_reads_the_lake() -> None:
    assert scope_id(("aws", None)) == 2166485283139686872
    assert 0 <= scope_id(("a",)) < 2**63


def test_null_empty_and_its_name_are_three_values() -> None:
    assert len({scope_id((None,)), scope_id(("",)), scope_id(("null",))}) == 3
    found = pl.DataFrame({"a": [None, "", "null"]}).select(keys(("a",)))
    assert found.unique().height == 3


def test_keys_tell_columns_apart() -> None:
    values = ["x", "y", None]
    frame = pl.DataFrame(list(permutations(values)), schema=dict.fromkeys("abc", pl.String), orient="row")
    for key in KEY:
        assert frame.select(keys(("a", "b", "c")))[key].n_unique() == 6


def test_a_tuple_keeps_its_id() -> None:
    first = book()
    ids = first.ids(tuples("a", None))["scope_id"].to_list()
    again = ScopeBook(first.new(), NAMES, "here")
    assert again.ids(tuples("a", None))["scope_id"].to_list() == ids
    assert again.new().is_empty()
    assert again.all().equals(first.new())


def test_two_tuples_with_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope_book, "scope_id", lambda values: 7)
    with pytest.raises(BrokenStore, match="same id"):
        book().ids(tuples("a", "b"))


@pytest.mark.parametrize("salt", [0, 1])
def test_one_key_that_fails_to_tell_tuples_apart_is_helped_by_the_other(
    monkeypatch: pytest.MonkeyPatch, salt: int
) -> None:
    honest = scope_book._odd
    monkeypatch.setattr(scope_book, "_odd", lambda own, place: 0 if own == salt else honest(own, place))
    cells = Cells(FromTag(), ZoneInfo("UTC"), book())
    cells.add(bill("a", "b", "a"))
    cells.add(bill("c", "b", "d"))
    found = cells.result()
    assert sorted(found["rows"]) == [1, 1, 2, 2]


def test_forgetting_tuples_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.lake.cells._TUPLES_REMEMBERED", 1)
    monkeypatch.setattr("finops.lake.cells._CELLS_BETWEEN_FOLDS", 1)
    cells = Cells(FromTag(), ZoneInfo("UTC"), book())
    for teams in ("abc", "cd", "ab", "e"):
        cells.add(bill(*teams))
    assert sorted(cells.result()["rows"]) == [1, 1, 2, 2, 2]
