"""A condition means what SQL says it means: held against DuckDB on random conditions and rows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.conditions import parse, tag_value
from finops.model.columns import Columns

COLUMNS = Columns(
    {"team": "text", "environment": "text", "cost": "number", "start": "time", "Tags": "json"},
    {"env": "environment"},
)
AMOUNT = pl.Decimal(38, 15)
KEYS = ["a.b", "it's", 'q"x', "plain", "[0]", "$", "é"]

texts = st.sampled_from(["", "a", "b", "ab", "A", "it's", "a%", "a_b", "é", "100%", "(x)"])
numbers = st.decimals(min_value=-3, max_value=3, places=2, allow_nan=False, allow_infinity=False)
moments = st.integers(0, 4).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
patterns = st.text(alphabet="ab%_A'(.", max_size=4)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


text_operands = st.one_of(
    st.sampled_from(["team", "environment", "env"]),
    st.sampled_from(KEYS).map(lambda key: f"tags[{quoted(key)}]"),
    st.sampled_from(["lower(team)", "upper(environment)", "coalesce(team, environment, 'b')"]),
)
number_literals = numbers.map(lambda value: f"{value:f}")
time_literals = moments.map(lambda moment: f"'{moment:%Y-%m-%d}'")
comparisons = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])
negations = st.sampled_from(["", "NOT "])


@st.composite
def leaves(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 8))
    text, compare, negation = draw(text_operands), draw(comparisons), draw(negations)
    if kind == 0:
        return f"{text} {compare} {quoted(draw(texts))}"
    if kind == 1:
        return f"{text} {compare} {draw(text_operands)}"
    if kind == 2:
        values = ", ".join(quoted(value) for value in draw(st.lists(texts, min_size=1, max_size=3)))
        return f"{text} {negation}IN ({values})"
    if kind == 3:
        return f"{text} {negation}{draw(st.sampled_from(['LIKE', 'ILIKE']))} {quoted(draw(patterns))}"
    if kind == 4:
        return f"{text} IS {negation}NULL"
    if kind == 5:
        return f"cost {negation}BETWEEN {draw(number_literals)} AND {draw(number_literals)}"
    if kind == 6:
        values = ", ".join(draw(st.lists(number_literals, min_size=1, max_size=3)))
        return f"cost {negation}IN ({values})" if draw(st.booleans()) else f"cost {compare} {draw(number_literals)}"
    if kind == 7:
        return f"start {compare} {draw(time_literals)}"
    return f"starts_with({text}, {quoted(draw(texts))})"


conditions = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(" ".join),
        inner.map(lambda text: f"NOT ({text})"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=5,
)
rows = st.fixed_dictionaries(
    {
        "team": st.none() | texts,
        "environment": st.none() | texts,
        "cost": st.none() | numbers,
        "start": st.none() | moments,
        "tags": st.none() | st.dictionaries(st.sampled_from(KEYS), texts, max_size=3),
    }
)


def for_duckdb(condition: str) -> str:
    """DuckDB names the alias and the tags as columns of its own; its LIKE has no escape either."""
    for place, key in enumerate(KEYS):
        condition = condition.replace(f"tags[{quoted(key)}]", f'"tag {place}"')
    return re.sub(r"\benv\b", "environment", condition)


@settings(max_examples=200, deadline=None)
@given(condition=conditions, data=st.lists(rows, min_size=1, max_size=6))
def test_polars_and_duckdb_agree_on_true_false_and_unknown(condition: str, data: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(
        {
            "team": [row["team"] for row in data],
            "environment": [row["environment"] for row in data],
            "cost": [row["cost"] for row in data],
            "start": [row["start"] for row in data],
            "Tags": [json.dumps(row["tags"]) if row["tags"] is not None else None for row in data],
        },
        schema={
            "team": pl.String,
            "environment": pl.String,
            "cost": AMOUNT,
            "start": pl.Datetime("us", "UTC"),
            "Tags": pl.String,
        },
    )
    ours = frame.select(parse(condition, COLUMNS).expression().alias("holds"))["holds"].to_list()

    tag_values = [[(row["tags"] or {}).get(key) for row in data] for key in KEYS]  # type: ignore[attr-defined]
    wide = frame.with_columns(
        pl.Series(f"tag {place}", values, dtype=pl.String) for place, values in enumerate(tag_values)
    ).with_columns(pl.col("start").dt.replace_time_zone(None))
    with duckdb.connect() as database:
        database.register("costs", wide.to_arrow())
        theirs = [row[0] for row in database.execute(f"SELECT {for_duckdb(condition)} FROM costs").fetchall()]

    assert ours == theirs


@pytest.mark.parametrize("kind", [pl.Float64, pl.Int64, pl.Decimal(20, 4)])
def test_numbers_of_any_type_are_compared_as_decimals(kind: pl.DataType) -> None:
    frame = pl.DataFrame({"cost": pl.Series([1, 2, None]).cast(kind)})

    assert frame.select(parse("cost >= 2", COLUMNS).expression())["cost"].to_list() == [False, True, None]


def test_tags_that_are_no_text_compare_by_their_json() -> None:
    frame = pl.DataFrame({"Tags": ['{"size":5,"on":true}', '{"size":"5"}', "{}", None]})

    assert frame.select(tag_value("size"))["Tags"].to_list() == ["5", "5", None, None]
    assert frame.filter(parse("tags['on'] = 'true'", COLUMNS).expression()).height == 1


def test_a_null_is_neither_equal_nor_unequal() -> None:
    frame = pl.DataFrame({"team": ["checkout", "search", None]})

    assert frame.filter(parse("team <> 'checkout'", COLUMNS).expression())["team"].to_list() == ["search"]
    with_nulls = frame.filter(parse("team <> 'checkout' OR team IS NULL", COLUMNS).expression())
    assert with_nulls["team"].to_list() == ["search", None]


def test_cents_are_compared_exactly() -> None:
    frame = pl.DataFrame({"cost": [Decimal("0.1") + Decimal("0.2")]}, schema={"cost": AMOUNT})

    assert frame.filter(parse("cost = 0.3", COLUMNS).expression()).height == 1
