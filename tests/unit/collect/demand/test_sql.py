"""Demand from SQL databases: SQLite and a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from finops.collect.demand import SqlDemand, SqlDemandOptions
from finops.errors import AccessDenied, BadArguments, FinopsError, NotFound, RefusedBatch, Unreachable
from tests.servers.postgres import PostgresServer

SALES = "SELECT day, sum(amount) AS value, shop FROM sales GROUP BY day, shop"
ROWS = [("2026-03-02", "0.1", "east"), ("2026-03-01", "7", None), ("2026-03-02", "0.2", "east")]


def demand(base: Path, query: str = SALES, **options: Any) -> SqlDemand:
    made = SqlDemandOptions.model_validate({"url": {"env": "WAREHOUSE_URL"}, "query": query, **options})
    return SqlDemand.from_options("sales", made, base=base)


@pytest.fixture
def in_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WAREHOUSE_URL", "sqlite:///warehouse.db")
    with sqlite3.connect(tmp_path / "warehouse.db") as connection:
        connection.execute("CREATE TABLE sales (day TEXT, amount NUMERIC, shop TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?)", ROWS)
    connection.close()
    return "sqlite"


@pytest.fixture
def in_postgresql(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WAREHOUSE_URL", postgres_database)
    execute(postgres_database, "CREATE TABLE sales (day date, amount numeric(20, 10), shop text)")
    values = ", ".join(f"('{day}', {amount}, {repr(shop) if shop else 'NULL'})" for day, amount, shop in ROWS)
    execute(postgres_database, f"INSERT INTO sales VALUES {values}")
    return postgres_database


def execute(url: str, statement: str) -> None:
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        connection.execute(statement.encode())


@pytest.fixture(params=["in_sqlite", "in_postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_a_series_with_dimensions(database: str, tmp_path: Path) -> None:
    delivery = demand(tmp_path, unit="EUR").read(None)
    assert delivery is not None
    assert delivery.unit == "EUR"
    assert delivery.frame.schema == {"day": pl.Date(), "value": pl.Decimal(38, 15), "shop": pl.String()}
    found = dict.fromkeys([(row[0], row[2]) for row in delivery.frame.rows()])
    assert list(found) == [(date(2026, 3, 1), None), (date(2026, 3, 2), "east")]


def test_decimals_are_exact(in_postgresql: str, tmp_path: Path) -> None:
    delivery = demand(tmp_path).read(None)
    assert delivery is not None
    assert delivery.frame["value"].to_list() == [Decimal(7), Decimal("0.3")]  # as doubles: 0.30000000000000004
    whole = demand(tmp_path, "SELECT '2026-03-01' AS day, 12345678901234567890123.000000000000001 AS value").read(None)
    assert whole is not None
    assert whole.frame["value"].to_list() == [Decimal("12345678901234567890123.000000000000001")]


def test_a_double_is_its_own_text(in_sqlite: str, tmp_path: Path) -> None:
    delivery = demand(tmp_path, "SELECT '2026-03-01' AS day, 0.1 AS value").read(None)
    assert delivery is not None
    assert delivery.frame["value"].to_list() == [Decimal("0.1")]


def test_names_fold_and_times_at_midnight_are_days_of_utc(in_postgresql: str, tmp_path: Path) -> None:
    execute(in_postgresql, f"ALTER DATABASE {make_url(in_postgresql).database} SET timezone TO 'Asia/Tokyo'")
    query = """SELECT date_trunc('day', timestamptz '2026-03-01 23:30:00+00') AS "DAY", 1 AS "Value" """
    delivery = demand(tmp_path, query).read(None)
    assert delivery is not None
    assert delivery.frame.rows() == [(date(2026, 3, 1), Decimal(1))]


def test_the_same_rows_are_not_delivered_again_and_a_correction_is(database: str, tmp_path: Path) -> None:
    first = demand(tmp_path).read(None)
    assert first is not None
    assert demand(tmp_path).read(first.digest) is None
    corrected = demand(tmp_path, SALES.replace("sum(amount)", "2 * sum(amount)")).read(first.digest)
    assert corrected is not None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1 AS day", "the query returns no column value. Name it in the query: … AS value"),
        ("SELECT '2026-03-01' AS day, 1 AS values_", "Did you mean 'values_'?"),
        ("SELECT '1.3.2026' AS day, 1 AS value", "row 1, column day: '1.3.2026' is not a valid date"),
        ("SELECT '2026-03-01' AS day, NULL AS value", "row 1, column value: the value is missing"),
        ("SELECT '2026-03-01' AS day, 'x' AS value", "row 1, column value: 'x' is not a valid number"),
        (
            "SELECT '2026-03-01' AS day, 1 AS value UNION ALL SELECT '2026-03-01', 2",
            "the day 2026-03-01 occurs twice",
        ),
        ("SELECT '2026-03-01' AS day, 1 AS value, 2 AS value", "two columns have the same name"),
        ("SELECT * FROM nowhere", "the query fails:"),
    ],
)
def test_faults_say_what_and_where(database: str, tmp_path: Path, query: str, message: str) -> None:
    series = demand(tmp_path, query)
    with pytest.raises(RefusedBatch) as caught:
        series.read(None)
    assert message in str(caught.value)
    assert caught.value.where.startswith("demand sales ({env: WAREHOUSE_URL}")
    assert [check.passed for check in series.check()] == [False]


def test_a_moment_in_the_middle_of_a_day_is_no_day(in_postgresql: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedBatch, match="is not a valid date"):
        demand(tmp_path, "SELECT timestamp '2026-03-01 12:00' AS day, 1 AS value").read(None)


def test_nothing_can_be_written(in_postgresql: str, tmp_path: Path) -> None:
    hidden = "WITH gone AS (DELETE FROM sales RETURNING day, amount) SELECT day, amount AS value FROM gone"
    with pytest.raises(RefusedBatch, match=r"must not contain data-modifying statements|in a read-only transaction"):
        demand(tmp_path, hidden).read(None)
    assert demand(tmp_path).read(None) is not None


def test_sqlite_is_opened_read_only_and_never_made(in_sqlite: str, tmp_path: Path) -> None:
    before = (tmp_path / "warehouse.db").read_bytes()
    demand(tmp_path).read(None)
    assert (tmp_path / "warehouse.db").read_bytes() == before
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(NotFound):
        demand(tmp_path / "elsewhere").read(None)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_role_without_rights(
    in_postgresql: str, postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"reader_{make_url(in_postgresql).database}"
    execute(in_postgresql, f"CREATE ROLE {role} LOGIN")
    monkeypatch.setenv("WAREHOUSE_URL", make_url(in_postgresql).set(username=role).render_as_string(False))
    try:
        with pytest.raises(AccessDenied) as caught:
            demand(tmp_path).read(None)
        assert "permission denied for table sales" in str(caught.value)
        assert "SELECT" in caught.value.remedy
    finally:
        execute(in_postgresql, f"DROP ROLE {role}")


def test_a_query_that_takes_too_long(in_postgresql: str, tmp_path: Path) -> None:
    slow = "SELECT '2026-03-01' AS day, 1 AS value FROM pg_sleep(60)"
    with pytest.raises(Unreachable, match="took too long"):
        demand(tmp_path, slow, timeout_seconds=0.2).read(None)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql+psycopg://me:very-secret@127.0.0.1:9/shop", Unreachable),
        ("postgresql+psycopg://me:very-secret@@/shop", FinopsError),
        ("oracle://me:very-secret@127.0.0.1/shop", BadArguments),
        ("nosuchthing://me:very-secret@127.0.0.1/shop", BadArguments),
        ("very-secret", BadArguments),
        ("", AccessDenied),
    ],
)
def test_a_database_that_is_not_there_never_shows_the_password(
    url: str, error: type[FinopsError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", url)
    with pytest.raises(error) as caught:
        demand(tmp_path).read(None)
    assert "very-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DELETE FROM sales", "the query must be read-only"),
        ("  /* a */ insert into sales values (1)", "the query must be read-only"),
        ("SELECT 1; DROP TABLE sales", "the query has several statements"),
        ("", "the query must be read-only"),
        ("SELECT 'open", "the query cannot be read"),
    ],
)
def test_a_query_that_does_more_than_read_is_a_fault_of_the_file(query: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=message):
        demand(tmp_path, query)


def test_checks_tell_the_newest_day(database: str, tmp_path: Path) -> None:
    (check,) = demand(tmp_path, f"{SALES};").check()
    assert (check.passed, check.detail) == (True, "2 rows, the latest day is 2026-03-02")


ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT date('2000-01-01') AS day, i AS value, hex(zeroblob(10000)) || i AS shop FROM n",
    "postgresql": "SELECT date '2000-01-01' AS day, i AS value, repeat('x', 20000) || i AS shop "
    "FROM generate_series(1, 1000000) AS i",
}


def test_a_result_of_any_length_is_read_up_to_a_limit(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finops.collect.demand.sql.LARGEST_BYTES", 1024**2)
    query = ENDLESS[make_url(database).get_backend_name() if "://" in database else database]
    with pytest.raises(RefusedBatch, match=r"row 53: the result is larger than 1 MiB. Sum by day"):
        demand(tmp_path, query).read(None)
