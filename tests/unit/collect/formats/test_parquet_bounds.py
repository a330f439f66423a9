"""Parquet files that unpack to more than they may, and files that may be as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.collect.formats.form import scan
from finops.errors import RefusedBatch
from finops.objectstore import parquet_bounds
from finops.objectstore.bounds import InputLimits
from finops.objectstore.location import Location
from tests.servers.moto import S3Server

LIMITS = InputLimits(row_bytes=64 * 1024, file_bytes=1024**2)


def read(path: Path, limits: InputLimits = LIMITS) -> pl.DataFrame:
    return scan(Location.parse(str(path), base=path.parent), "parquet", shown_as=path.name, limits=limits).collect()


def written(folder: Path, table: pa.Table, **options: Any) -> Path:
    path = folder / "bill.parquet"
    pq.write_table(table, path, compression="zstd", **options)
    assert path.stat().st_size < LIMITS.row_bytes, "small as a file"
    return path


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ({"a": ["x" * 300_000]}, {}, "bill.parquet, row group 1: its rows are longer than 64 KiB on average"),
        ({"a": [None] * 2_000_000}, {}, "bill.parquet: the file has more than 1 MiB when unpacked"),
        ({"a": ["x" * 1000] * 2000}, {"use_dictionary": False}, "bill.parquet: the file has more than 1 MiB"),
    ],
    ids=["a giant row", "millions of nulls", "a giant of small rows"],
)
def test_what_unpacks_to_more_than_it_may(
    tmp_path: Path, table: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    path = written(
        tmp_path, pa.table({name: pa.array(values, pa.string()) for name, values in table.items()}), **options
    )
    with pytest.raises(RefusedBatch) as refused:
        read(path)
    assert message in str(refused.value)
    assert "ingest.max_" in str(refused.value)


def test_giant_values_among_small_ones_are_found_by_their_page(tmp_path: Path) -> None:
    values = ["x" * 200_000, *["y"] * 100]
    path = written(tmp_path, pa.table({"a": values}), use_dictionary=False, data_page_size=1, write_batch_size=1)
    with pytest.raises(RefusedBatch, match=r"row group 1, column a: its values are longer than 64 KiB on average"):
        read(path)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_pages_that_unpack_to_more_than_the_footer_says(tmp_path: Path, version: str) -> None:
    table = pa.table({"a": [f"{number:>20}" for number in range(500)]})
    path = written(tmp_path, table, use_dictionary=False, data_page_version=version)
    assert read(path).height == 500
    start = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    assert content[start : start + 2] == b"\x15\x00" or content[start] == 0x15
    size = start + 3  # the type's field and value, the size's field
    assert content[size] & content[size + 1] & 0x80, "an integer of three bytes"
    content[size : size + 3] = b"\xfe\xff\x7f"
    path.write_bytes(content)
    with pytest.raises(RefusedBatch, match=r"row group 1, column a: the pages are not those that the footer describes"):
        read(path)


@pytest.mark.parametrize("piece_bytes", [37, 4096])
def test_pages_of_a_file_in_a_store_are_bounded_too(
    tmp_path: Path, s3_bucket: str, moto_server: S3Server, monkeypatch: pytest.MonkeyPatch, piece_bytes: int
) -> None:
    monkeypatch.setattr(parquet_bounds, "_PIECE_BYTES", piece_bytes)
    location = Location.parse(f"s3://{s3_bucket}/bill.parquet", base=tmp_path, endpoint=moto_server.endpoint)

    def put_and_check(path: Path) -> None:
        moto_server.client().put_object(Bucket=s3_bucket, Key="bill.parquet", Body=path.read_bytes())
        parquet_bounds.check_parquet(location, LIMITS, "bill.parquet")

    put_and_check(written(tmp_path, pa.table({"a": [f"{number:>20}" for number in range(500)]})))
    put_and_check(written(tmp_path, pa.table({"a": pa.array([], pa.string())})))
    giant = pa.table({"a": ["x" * 200_000, *["y"] * 100]})
    path = written(tmp_path, giant, use_dictionary=False, data_page_size=1, write_batch_size=1)
    with pytest.raises(RefusedBatch, match=r"row group 1, column a: its values are longer than 64 KiB on average"):
        put_and_check(path)
    content = bytearray(path.read_bytes())
    content[pq.read_metadata(path).row_group(0).column(0).data_page_offset] = 0xFF
    path.write_bytes(content)
    with pytest.raises(RefusedBatch, match=r"column a: the pages are not those that the footer describes"):
        put_and_check(path)


@settings(max_examples=15)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=300),
    st.sampled_from(["none", "snappy", "zstd", "gzip", "lz4"]),
    st.booleans(),
    st.sampled_from(["1.0", "2.0"]),
    st.integers(1, 2000),
)
def test_files_of_any_writer_are_read_as_they_are(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[str | None],
    compression: str,
    dictionary: bool,
    version: str,
    page: int,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    frame = pl.DataFrame({"a": values, "n": range(len(values))}, schema={"a": pl.String, "n": pl.Int64})
    frame.write_parquet(folder / "polars.parquet", data_page_size=page, row_group_size=100)
    pq.write_table(
        frame.to_arrow(),
        folder / "arrow.parquet",
        compression=compression,
        use_dictionary=dictionary,
        data_page_version=version,
        data_page_size=page,
        row_group_size=100,
    )
    for path in folder.iterdir():
        assert read(path).equals(frame)
