"""The lake is open: anyone may read its tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.support.bills import APRIL, delivery, lake, line, rows, run


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("0.000000000000001"), line("100", period=APRIL))), run())
    fee = line("31", length=timedelta(days=31), x_Note="n")
    own.replace(delivery(rows(line("0.1"), line("0.2", day=2), fee), "b"), run())
    own.replace(delivery(rows(line("7")), source="data centre/é"), run())
    return tmp_path / "lake"


def test_polars_reads_them(tables: Path) -> None:
    for name in ("costs", "costs_daily"):
        frame = pl.read_delta(str(tables / name))
        assert frame["BilledCost"].sum() == Decimal("138.3")
        assert frame.schema["BilledCost"] == pl.Decimal(38, 15)
        assert sorted(frame["source"].unique()) == ["aws", "data centre/é"]
    daily = pl.read_delta(str(tables / "costs_daily"))
    scopes = pl.read_delta(str(tables / "scopes"))
    assert daily.join(scopes, on="scope_id", how="anti").is_empty()


def test_duckdb_reads_their_files(tables: Path) -> None:
    files = {name: DeltaTable(str(tables / name)).file_uris() for name in ("costs", "costs_daily", "scopes")}
    with duckdb.connect() as database:
        for name in ("costs", "costs_daily"):
            query = "SELECT sum(BilledCost) FROM read_parquet($1, union_by_name = true, hive_partitioning = true)"
            assert database.execute(query, [files[name]]).fetchone() == (Decimal("138.3"),)
        joined = database.execute(
            "SELECT team, sum(BilledCost) FROM read_parquet($1) JOIN read_parquet($2) USING (scope_id) GROUP BY team",
            [files["costs_daily"], files["scopes"]],
        ).fetchall()
        assert joined == [("a", Decimal("138.3"))]


def test_arrow_reads_their_files(tables: Path) -> None:
    amounts = [
        amount
        for uri in DeltaTable(str(tables / "costs")).file_uris()
        for amount in pq.read_table(uri, partitioning=None)["BilledCost"].to_pylist()
    ]
    assert sum(amounts) == Decimal("138.3")


def test_files_are_zstd_in_folders_by_source_and_period(tables: Path) -> None:
    (uri,) = [uri for uri in DeltaTable(str(tables / "costs")).file_uris() if "2026-04-01" in uri]
    assert uri.startswith(str(tables / "costs" / "source=aws" / "billing_period=2026-04-01"))
    group = pq.ParquetFile(uri).metadata.row_group(0)
    assert {group.column(n).compression for n in range(group.num_columns)} == {"ZSTD"}


def test_a_column_that_no_bill_of_a_file_has_is_read_as_null(tmp_path: Path) -> None:
    """Delta's protocol says so, and readers hold it: the file lacks ``ServiceSubcategory``, the table has it."""
    own = lake(tmp_path)
    without = rows(line("1")).with_columns(pl.lit(None, pl.String).alias("ServiceSubcategory"))
    own.replace(replace(delivery(without), absent=frozenset({"ServiceSubcategory"})), run())
    (lacking,) = DeltaTable(str(tmp_path / "lake" / "costs")).file_uris()
    own.replace(delivery(rows(line("2", period=APRIL, ServiceSubcategory="Queues")), "b"), run())

    assert "ServiceSubcategory" not in pq.read_schema(lacking).names
    table = DeltaTable(str(tmp_path / "lake" / "costs"))
    expected = [(Decimal(1), None), (Decimal(2), "Queues")]
    columns = ["BilledCost", "ServiceSubcategory"]
    assert pl.scan_delta(table).select(columns).sort("BilledCost").collect().rows() == expected
    assert sorted(pl.DataFrame(table.to_pyarrow_table(columns=columns)).rows(), key=str) == expected
    with duckdb.connect() as database:
        query = "SELECT BilledCost, ServiceSubcategory FROM read_parquet($1, union_by_name = true) ORDER BY 1"
        assert database.execute(query, [table.file_uris()]).fetchall() == expected
    own.compact()
    assert own.at(own.version()).costs().select(columns).sort("BilledCost").collect().rows() == expected
