"""A condition that is said to hold for some teams only holds for no row of others."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.conditions import parse
from finops.model.columns import Columns

COLUMNS = Columns({"team": "text", "service": "text"}, {"owner_team": "team"})
TEAMS = ["a", "b", "c", "", "A", None]
ROWS = pl.DataFrame(
    [{"team": team, "service": service} for team in TEAMS for service in ("a", "x", None)],
    schema={"team": pl.String, "service": pl.String},
)

leaves = st.sampled_from(
    [
        "team = 'a'", "team <> 'a'", "team IN ('a', 'b')", "team IN ('c')", "team IS NULL", "team IS NOT NULL",
        "owner_team = 'b'", "team = service", "lower(team) = 'a'", "team LIKE 'a%'", "service = 'x'", "'a' = team",
        "service IS NULL", "team >= 'a'", "coalesce(team, 'a') = 'a'", "TRUE", "FALSE", "team = ''",
    ]
)  # fmt: skip
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda text: f"NOT ({text})"),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(conditions, st.sets(st.sampled_from(["a", "b", "c", ""])))
def test_what_is_proven_holds_for_every_row(text: str, values: set[str]) -> None:
    condition = parse(text, COLUMNS)
    if condition.confines("team", values):
        held = ROWS.filter(condition.expression())["team"].to_list()
        assert set(held) <= values


@pytest.mark.parametrize(
    ("text", "proven"),
    [
        ("team = 'a'", True),
        ("owner_team IN ('a', 'b') AND service = 'x'", True),
        ("(team = 'a' OR team = 'b') AND NOT (service = 'x')", True),
        ("team = 'a' AND team <> 'z'", True),
        ("team = 'a' OR service = 'x'", False),
        ("team <> 'c'", False),
        ("NOT (team <> 'a')", True),
        ("team = 'a' OR team IS NULL", False),
        ("team LIKE 'a'", False),
        ("service = 'a'", False),
        ("FALSE", True),
    ],
)
def test_what_can_be_proven(text: str, proven: bool) -> None:
    assert parse(text, COLUMNS).confines("team", {"a", "b"}) is proven
