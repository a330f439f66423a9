"""A bill of a few kilobytes fills no memory: rows and files are bounded, and the error names file, limit and option."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finops.collect.files import FocusFiles
from finops.collect.formats.form import dialect_in, form_of, scan
from finops.errors import RefusedBatch
from finops.objectstore.bounds import InputLimits, check_rows
from finops.objectstore.content import content_of, pieces_of
from finops.objectstore.location import Location
from tests.support.focus_frames import bill

LIMITS = InputLimits(row_bytes=1024**2, file_bytes=8 * 1024**2)
HEADER = b"BilledCost,BillingCurrency,ServiceName\n"
LONG = b"x" * 2_500_000
MANY = b"1,EUR,a service\n" * 600_000


def read(folder: Path, name: str, content: bytes, limits: InputLimits = LIMITS) -> pl.DataFrame:
    path = folder / name
    path.write_bytes(content)
    form = form_of(name)
    assert form is not None
    location = Location.parse(str(path), base=folder)
    return scan(location, form, dialect_in(location, form, shown_as=name), shown_as=name, limits=limits).collect()


LONG_ROWS = {
    "one line.csv": HEADER + b"1,EUR," + LONG,
    "header.csv": b"a," * 1_200_000 + b"\n",
    "later.csv": HEADER + b"1,EUR,a\n" * 9 + b"1,EUR," + LONG + b"\n",
    "open quote.csv": HEADER + b'1,EUR,"a\n' + b"1,EUR,a\n" * 200_000,
    "packed.csv.gz": gzip.compress(HEADER + b"1,EUR," + LONG),
    "UTF-16.csv": (HEADER + b"1,EUR," + LONG).decode().encode("utf-16"),
    "old Mac.csv": (HEADER + b"1,EUR," + LONG).replace(b"\n", b"\r"),
    "stray quotes.csv": HEADER + b'1,EUR,19" rack\n1,EUR,' + LONG,
    "rows.jsonl": b'{"BilledCost": 1}\n{"ServiceName": "' + LONG + b'"}',
    "rows.jsonl.gz": gzip.compress(b'{"BilledCost": 1}\n{"ServiceName": "' + LONG + b'"}'),
}


@pytest.mark.parametrize("name", LONG_ROWS)
def test_a_row_without_an_end_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedBatch, match=r"^[^:]*, line \d+: a row is longer than 1 MiB.*ingest\.max_row") as refused:
        read(tmp_path, name, LONG_ROWS[name])
    assert name in str(refused.value)


BOMBS = {
    "bomb.csv.gz": gzip.compress(HEADER + MANY),
    "members.csv.gz": gzip.compress(HEADER) + gzip.compress(b"1,EUR,a\n" * 50_000) * 25,
    "bomb.jsonl.gz": gzip.compress((b'{"ServiceName": "' + LONG[:50_000] + b'"}\n') * 180),
    "blank.jsonl.gz": gzip.compress(b"  \n" * 3_000_000),
    "plain.csv": HEADER + MANY,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unpacks_to_more_than_it_may_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedBatch, match=rf"{name}: the file has more than 8 MiB when unpacked.*ingest\.max_file"):
        read(tmp_path, name, BOMBS[name])


def test_memory_holds_a_piece_of_a_bomb_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(64 * 1024**2)))
    location = Location.parse(str(tmp_path / "bomb.gz"), base=tmp_path)
    sizes = [len(piece) for piece in pieces_of(location, shown_as="bomb.gz")]
    assert sum(sizes) == 64 * 1024**2
    assert max(sizes) <= 1024**2


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bill.csv", content)
    return out.getvalue()


def zstd(content: bytes) -> bytes:
    import pyarrow as pa

    return bytes(pa.compress(content, codec="zstd", asbytes=True))


@pytest.mark.parametrize("pack", [zipped, zstd, lzma.compress, bz2.compress, zlib.compress])
def test_other_packings_are_refused_before_anything_is_unpacked(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(RefusedBatch, match=r"bill\.csv: the file is (packed with|a ZIP)"):
        read(tmp_path, "bill.csv", pack(HEADER + MANY[:9000]))


def test_what_is_within_the_limits_is_read(tmp_path: Path) -> None:
    notes = b'1,EUR,"' + b"a note\n" * 100_000 + b'"\n'
    assert read(tmp_path, "bill.csv", HEADER + notes * 3).height == 3
    assert read(tmp_path, "bill.csv.gz", gzip.compress(HEADER + notes * 3)).height == 3


def test_a_source_reports_it_with_its_own_limits(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(HEADER + b"1,EUR," + LONG)
    source = FocusFiles("bills", ["bill.csv"], base=tmp_path, limits=LIMITS)
    assert "longer than 1 MiB" in source.check()[-1].detail
    with pytest.raises(RefusedBatch, match="longer than 1 MiB"):
        source.discover({})


def test_a_small_file_is_not_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.objectstore.content._SMALL", LIMITS)
    with (tmp_path / "rates.csv").open("wb") as file:
        file.truncate(9 * 1024**2)  # takes no place on the disk
    with pytest.raises(RefusedBatch, match=r"rates\.csv: the file has more than 8 MiB"):
        content_of(Location.parse(str(tmp_path / "rates.csv"), base=tmp_path), shown_as="rates.csv")


def longest_row(text: bytes) -> tuple[int, list[int]]:
    """Length of the longest row without its line end, and the lines in which rows begin."""
    lengths, starts, quoted, line = [0], [1], False, 1
    for byte in text:
        quoted ^= byte == ord('"')
        line += byte == ord("\n")
        if byte == ord("\n") and not quoted:
            lengths.append(0)
            starts.append(line)
        else:
            lengths[-1] += 1
    return max(lengths), starts


@settings(max_examples=100)
@given(st.lists(st.text('ab"\n', max_size=9).map(str.encode), max_size=12))
@example([b'"\n', b'\n"', b"\nab"])
def test_rows_are_measured_like_a_reader_sees_them(pieces: list[bytes]) -> None:
    longest, starts = longest_row(b"".join(pieces))
    # a piece is never longer than the limit, in which a whole row would go unseen
    pieces = [piece[i : i + 1] for piece in pieces for i in range(len(piece))] if longest < 9 else pieces
    check_rows(pieces, InputLimits(row_bytes=longest), "x")
    if longest > 9 or (longest and all(len(piece) < 2 for piece in pieces)):
        with pytest.raises(RefusedBatch) as refused:
            check_rows(pieces, InputLimits(row_bytes=longest - 1), "x")
        assert int(str(refused.value).split("line ")[1].split(":")[0]) in starts


def test_a_bill_is_read_through_for_its_bounds_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bill({}, {}).write_csv(tmp_path / "bill.csv")
    passes: list[str] = []

    def counted(pieces: Iterable[bytes], limits: InputLimits, shown_as: str) -> None:
        passes.append(shown_as)
        check_rows(pieces, limits, shown_as)

    monkeypatch.setattr("finops.collect.formats.form.check_rows", counted)
    source = FocusFiles("bills", ["bill.csv"], base=tmp_path)
    [offer] = source.discover({}).offers
    assert offer.parts[0].open().collect().height == 2
    assert passes == ["bill.csv"]
