"""Ids of scopes, and the keys that stand for tuples while a rollup is made."""

from __future__ import annotations

from itertools import permutations
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.errors import BrokenStore
from finops.lake.rollup import tuple_keys
from finops.lake.rollup.cell_keys import Lines
from finops.lake.rollup.cells import Cells
from finops.lake.rollup.scope_registry import ScopeRegistry
from finops.lake.rollup.tuple_keys import KEY, with_keys
from finops.lake.tables.columns import COSTS_SCHEMA, scopes_schema, with_columns_of
from finops.lake.tables.memory_limits import MemoryLimits
from finops.model import scopes
from finops.model.scopes import scope_id, scope_ids
from tests.support.bills import FromTag, line, rows

NAMES = ("team",)


def book() -> ScopeRegistry:
    return ScopeRegistry(pl.DataFrame(schema=scopes_schema(NAMES)), NAMES, "here")


def tuples(*teams: str | None) -> pl.DataFrame:
    columns = [name for name in scopes_schema(NAMES) if name != "scope_id"]
    frame = pl.DataFrame([dict.fromkeys(columns, "x") | {"team": team} for team in teams], infer_schema_length=None)
    return frame.with_columns(pl.col("team").cast(pl.String))


def bill(*teams: str) -> pl.DataFrame:
    frame = rows(*(line("1", source="aws", Tags=f'{{"team":"{team}"}}') for team in teams))
    return with_columns_of(frame.lazy(), COSTS_SCHEMA).collect()


def cells_of(*bills: pl.DataFrame) -> pl.DataFrame:
    lines = Lines("aws", FromTag(), book(), COSTS_SCHEMA, COSTS_SCHEMA.names())
    cells = Cells(lines, ZoneInfo("UTC"), MemoryLimits())
    for frame in bills:
        cells.add(frame)
    return pl.concat(cells.results())


def test_an_id_is_a_contract_with_whoever_reads_the_lake() -> None:
    assert scope_id(("aws", None)) == 2166485283139686872
    assert 0 <= scope_id(("a",)) < 2**63


def test_null_empty_and_its_name_are_three_values() -> None:
    assert len({scope_id((None,)), scope_id(("",)), scope_id(("null",))}) == 3
    found = with_keys(pl.DataFrame({"a": [None, "", "null"]}), ("a",))
    assert all(found[key].n_unique() == 3 for key in KEY)


@pytest.mark.parametrize("varied", ["", "b", "abc"])
def test_keys_tell_columns_apart(varied: str) -> None:
    values = ["x", "y", None]
    frame = pl.DataFrame(list(permutations(values)), schema=dict.fromkeys("abc", pl.String), orient="row")
    for key in KEY:
        assert with_keys(frame, "abc", varied=varied)[key].n_unique() == 6


def test_a_tuple_keeps_its_id() -> None:
    first = book()
    ids = first.ids_of(tuples("a", None)).tolist()
    again = ScopeRegistry(first.new(), NAMES, "here")
    assert again.ids_of(tuples("a", None)).tolist() == ids
    assert again.new().is_empty()
    assert again.all().equals(first.new())


def test_two_tuples_with_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_ids_of", lambda texts: np.array([7 for _ in texts]))
    with pytest.raises(BrokenStore, match="same id"):
        book().ids_of(tuples("a", "b"))


@pytest.mark.parametrize("salt", [0, 1])
def test_one_key_that_fails_to_tell_tuples_apart_is_helped_by_the_other(
    monkeypatch: pytest.MonkeyPatch, salt: int
) -> None:
    honest = tuple_keys._odd
    monkeypatch.setattr(tuple_keys, "_odd", lambda own, place: 0 if own == salt else honest(own, place))
    found = cells_of(bill("a", "b", "a"), bill("c", "b", "d"))
    assert sorted(found["rows"]) == [1, 1, 2, 2]


def test_forgetting_tuples_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.lake.rollup.cell_keys._TUPLES_REMEMBERED", 1)
    found = cells_of(*(bill(*teams) for teams in ("abc", "cd", "ab", "e")))
    assert sorted(found["rows"]) == [1, 1, 2, 2, 2]


@pytest.mark.parametrize("most", [0, 8, 16])
def test_cells_that_went_aside_come_back(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    bills = [bill(*teams) for teams in ("abc", "cd", "ab", "e", "abcde")]
    held = cells_of(*bills)
    monkeypatch.setattr(MemoryLimits, "cells_held", most)
    assert cells_of(*bills).equals(held)


@given(st.lists(st.tuples(*[st.none() | st.text(max_size=4)] * 3), min_size=1, max_size=8))
def test_ids_are_the_same_one_by_one_and_all_at_once(values: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(values, schema=dict.fromkeys("abc", pl.String), orient="row")
    assert scope_ids(frame, "abc").to_list() == [scope_id(one) for one in values]
