"""What is added up in arrays is what adding up row by row gives, and what the plan for other engines gives."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.conditions import parse
from finops.evaluate.aggregation import cell_sums
from finops.evaluate.aggregation.cell_sums import sum_cells
from finops.evaluate.aggregation.frames import HERE
from finops.evaluate.array_kernel import assignment as choosing
from finops.evaluate.array_kernel.assignment import Batch, assign
from finops.evaluate.selection import Selection
from finops.focus.schema import condition_columns
from finops.model.money import EXACT

Cell = tuple[int, date, int, str, Decimal]
Place = tuple[Selection, tuple[str, ...], tuple[str, ...], str, date, date, str]
MONTHS = (date(2026, 2, 1), date(2026, 3, 1))
MONEY = pl.Decimal(38, 15)
COLUMNS = condition_columns().with_dimensions(("team", "environment"))
SELECTIONS = {
    Selection(parse("team = 'a'", COLUMNS), ()): date(2026, 3, 3),
    Selection(parse("team <> 'a'", COLUMNS), ("team",)): None,
    Selection(parse("team IS NULL OR team = 'b'", COLUMNS), ("team",)): date(2026, 2, 2),
    Selection(parse("environment = 'dev'", COLUMNS), (), ("environment",)): date(2026, 2, 27),
    Selection(None, ("environment",), ("team",)): date(1969, 1, 1),
    Selection(None, ()): date(2026, 3, 1),
}
TAKES: list[Any] = [
    lambda scope: scope["team"] == "a",
    lambda scope: False,  # no day is asked for
    lambda scope: scope["team"] in (None, "b"),
    lambda scope: scope["environment"] == "dev",
    lambda scope: True,
    lambda scope: True,
]
_scopes = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from(["dev", "prod", None])), min_size=1, max_size=9
)
_amounts = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda units: Decimal(units).scaleb(-3)),
    st.integers(-(10**24), 10**24).map(lambda units: Decimal(units).scaleb(-15, context=EXACT)),
    st.sampled_from([Decimal(0), Decimal(10) ** 20, -(Decimal(10) ** 20)]),  # too much for 64 bits
)
_cells = st.lists(
    st.tuples(
        st.integers(0, 8), st.sampled_from(MONTHS), st.integers(0, 40), st.sampled_from(["EUR", "USD"]), _amounts
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(_scopes, _cells, st.integers(0, 6), st.sampled_from(["plan", "layers", "scopes"]))
def test_every_way_adds_up_to_the_same(
    scopes: list[tuple[str | None, str | None]],
    cells: list[Cell],
    early: int,
    way: str,
) -> None:
    rows = [
        {"on": 1000 - 7 * at, "source": "aws" if at % 3 else "azure", "team": team, "environment": environment}
        for at, (team, environment) in enumerate(scopes)
    ]
    cells = [cell for cell in cells if cell[0] < len(rows)]
    with pytest.MonkeyPatch.context() as patch:
        if way == "plan":
            patch.setattr(cell_sums, "add_up", lambda *_: None)
        if way == "scopes":
            patch.setattr(choosing, "_ONCE", 9)
        found = _found(rows, cells, early)
    assert found == _expected(rows, cells)


def _found(rows: list[dict[str, Any]], cells: list[Cell], early: int) -> dict[Place, Decimal]:
    batches: list[Batch] = []
    for selections in (dict(list(SELECTIONS.items())[:early]), dict(list(SELECTIONS.items())[early:])):
        frame = pl.DataFrame(
            rows, schema={"on": pl.Int64, **dict.fromkeys(("source", "team", "environment"), pl.String)}
        )
        batches.append(Batch.after(batches, assign(frame, selections)))
    frame = pl.DataFrame(
        [(rows[at]["on"], month, month + timedelta(days=day), of, cost, cost) for at, month, day, of, cost in cells],
        schema={
            "on": pl.Int64,
            "billing_period": pl.Date,
            "day": pl.Date,
            "currency": pl.String,
            "A": MONEY,
            "B": MONEY,
        },
        orient="row",
    )
    partitions = {("aws", month) for month in MONTHS}
    sums = sum_cells(HERE, HERE.lend(frame), "on", batches, ["A", "B"], partitions, "costs_daily")
    found = {}
    for target, month, day, currency, a, b in sums.iter_rows():
        assert a == b
        of = batches[target >= batches[1].base].named(target)
        found[of.selection, of.key, of.part, of.source, month, day, currency] = a
    return found


def _expected(rows: list[dict[str, Any]], cells: list[Cell]) -> dict[Place, Decimal]:
    expected: dict[Place, Decimal] = {}
    for at, month, number, currency, cost in cells:
        row, day = rows[at], month + timedelta(days=number)
        for takes, (selection, first) in zip(TAKES, SELECTIONS.items(), strict=True):
            if takes(row) and first is not None and day >= first:
                key, part = (tuple(row[name] or "" for name in of) for of in (selection.group_by, selection.split_by))
                place = selection, key, part, row["source"], month, day, currency
                expected[place] = EXACT.add(expected.get(place, Decimal(0)), cost)
    return expected
