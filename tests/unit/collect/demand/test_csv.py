"""Demand from a CSV file."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.collect.demand import CsvDemand, CsvDemandOptions
from finops.errors import FinopsError, NotFound, RefusedBatch


def demand(base: Path, content: str | bytes, **options: str) -> CsvDemand:
    (base / "visitors.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return CsvDemand.from_options("visitors", CsvDemandOptions(path="visitors.csv", **options), base=base)


def test_a_series_with_dimensions(tmp_path: Path) -> None:
    content = "day,value,shop\r\n2026-03-02,10.5,west\r\n2026-03-01,1e2,east\r\n2026-03-01, 7 ,\r\n"
    delivery = demand(tmp_path, content, unit="visits").read(None)
    assert delivery is not None
    assert delivery.unit == "visits"
    assert delivery.frame.schema == {"day": pl.Date(), "value": pl.Decimal(38, 15), "shop": pl.String()}
    assert delivery.frame.rows() == [
        (date(2026, 3, 1), Decimal(7), None),
        (date(2026, 3, 1), Decimal(100), "east"),
        (date(2026, 3, 2), Decimal("10.5"), "west"),
    ]


def test_a_missing_day_is_missing_and_the_unit_is_the_name(tmp_path: Path) -> None:
    delivery = demand(tmp_path, "\ufeffday,value\n2026-03-01,1\n\n2026-03-03,0\n").read(None)
    assert delivery is not None
    assert delivery.unit == "visitors"
    assert delivery.frame["day"].to_list() == [date(2026, 3, 1), date(2026, 3, 3)]


def test_the_same_bytes_are_not_delivered_again(tmp_path: Path) -> None:
    first = demand(tmp_path, "day,value\n2026-03-01,1\n").read(None)
    assert first is not None
    assert demand(tmp_path, "day,value\n2026-03-01,1\n").read(first.digest) is None
    assert demand(tmp_path, "day,value\n2026-03-01,1\n", unit="visits").read(first.digest) is not None


def test_another_value_of_the_same_size_and_time_is_delivered(tmp_path: Path) -> None:
    first = demand(tmp_path, "day,value\n2026-03-01,1\n").read(None)
    assert first is not None
    [file] = tmp_path.iterdir()
    written = file.stat()
    changed = demand(tmp_path, "day,value\n2026-03-01,2\n")
    os.utime(file, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (written.st_size, written.st_mtime_ns)
    again = changed.read(first.digest)
    assert again is not None
    assert again.frame["value"].to_list() == [Decimal(2)]


def test_a_late_correction_is_a_new_series(tmp_path: Path) -> None:
    first = demand(tmp_path, "day,value\n2026-03-01,1\n2026-03-02,1\n").read(None)
    assert first is not None
    second = demand(tmp_path, "day,value\n2026-03-01,5\n").read(first.digest)
    assert second is not None
    assert second.frame.rows() == [(date(2026, 3, 1), Decimal(5))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "visitors.csv, header: the column day is missing. The first line names the columns"),
        ("date,value\n", "visitors.csv, header: the column day is missing."),
        ("day,values\n", "visitors.csv, header: the column value is missing. Did you mean 'values'?"),
        ("day,value,value\n", "visitors.csv, header: a column has no name or the name of another."),
        ("day,value\n2026-03-01,1\n1.3.2026,1\n", "visitors.csv, row 2, column day: '1.3.2026' is not a valid date."),
        ("day,value\n,1\n", "visitors.csv, row 1, column day: the day is missing."),
        ("day,value\n2026-03-01,many\n", "visitors.csv, row 1, column value: 'many' is not a valid number."),
        ("day,value\n2026-03-01,nan\n", "visitors.csv, row 1, column value: the value is missing."),
        ("day,value\n2026-03-01,1_0\n", "visitors.csv, row 1, column value: '1_0' is not a valid number."),
        ("day,value\n2026-03-01,1e30\n", "visitors.csv, row 1, column value: '1e30' is not a valid number."),
        ("day,value\n2026-03-01,\n", "visitors.csv, row 1, column value: the value is missing."),
        ("day,value\n2026-03-01\n", "visitors.csv, row 1: 1 value for 2 columns."),
        ("day,value\n2026-03-01,1\n2026-03-01,2\n", "row 2: the day 2026-03-01 occurs twice, first in row 1."),
        ('day,value\n2026-03-01,"1\n', "visitors.csv, line 2: unexpected end of data."),
        (b"day,value\n\xff,1\n", "visitors.csv: not UTF-8 at byte 10."),
    ],
)
def test_faults_have_their_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    series = demand(tmp_path, content)
    with pytest.raises(RefusedBatch) as caught:
        series.read(None)
    assert message in str(caught.value)
    (check,) = series.check()
    assert (check.passed, check.detail) == (False, str(caught.value))


def test_no_file(tmp_path: Path) -> None:
    series = CsvDemand.from_options("visitors", CsvDemandOptions(path="none.csv"), base=tmp_path)
    with pytest.raises(NotFound) as caught:
        series.read(None)
    assert caught.value.where == "none.csv"


def test_from_an_object_store(s3_bucket: str, moto_server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    moto_server.client().put_object(Bucket=s3_bucket, Key="in/visitors.csv", Body=b"day,value\n2026-03-01,3\n")
    series = CsvDemand("visitors", CsvDemandOptions(path=f"s3://{s3_bucket}/in/visitors.csv"), base=tmp_path)
    delivery = series.read(None)
    assert delivery is not None
    assert delivery.frame["value"].to_list() == [Decimal(3)]
    missing = CsvDemand("visitors", CsvDemandOptions(path=f"s3://{s3_bucket}/in/none.csv"), base=tmp_path)
    with pytest.raises(FinopsError) as caught:
        missing.read(None)
    assert isinstance(caught.value, NotFound)


def test_checks_tell_the_newest_day(tmp_path: Path) -> None:
    (check,) = demand(tmp_path, "day,value\n2026-03-01,1\n").check()
    assert (check.passed, check.detail) == (True, "1 row, the latest day is 2026-03-01")


@pytest.mark.parametrize(
    "content",
    [
        "Visitors by day\n\nday,value\n2026-03-01,5\n",
        "sep=;\nday;value\n2026-03-01;5\n",
        "day\tvalue\r2026-03-01\t5\r",
        "\ufeff\ufeffday,value\n\u200b2026-03-01,5\ufeff\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_spreadsheet_s_way_of_writing_is_read(tmp_path: Path, content: str, encoding: str) -> None:
    delivery = demand(tmp_path, content.encode(encoding)).read(None)
    assert delivery is not None
    assert delivery.frame.rows() == [(date(2026, 3, 1), Decimal(5))]


@pytest.mark.parametrize("text", ["12,5", "1,234.5", "1.234,5", "１２"])
def test_a_number_in_another_notation_is_refused_with_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedBatch, match=f"'{text}' is written with a"):
        demand(tmp_path, f"day;value\n2026-03-01;{text}\n").read(None)
