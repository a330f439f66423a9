"""However a file is written, its rows are the same; what is no text is named."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.collect.files import FocusFiles
from finops.errors import RefusedBatch
from finops.model.cell import plain_name

HEADER = ["BillingPeriodStart", "BilledCost", "ServiceName", "SubAccountId"]
ROWS = [
    ["2026-03-01T00:00:00Z", "1.5", 'Büro; "A", \t|B', "007"],
    ["2026-03-01T00:00:00Z", "2.5", "plain", "008"],
]
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=8)


def written(rows: list[list[str]], *, separator: str = ",", line_end: str = "\n", before: str = "") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=line_end).writerows([HEADER, *rows])
    return before + out.getvalue()


def read(folder: Path, content: bytes, name: str = "bill.csv") -> tuple[list[list[str | None]], dict[str, int]]:
    """The cells of every row, and what was repaired."""
    (folder / name).write_bytes(content)
    (offer,) = FocusFiles("bills", [name], base=folder).discover({}).offers
    (part,) = offer.parts
    rows = part.open().collect(engine="streaming")
    assert [plain_name(name) for name in rows.columns] == HEADER
    assert set(rows.dtypes) == {pl.String()}
    return [list(row) for row in rows.rows()], dict(part.verify())


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_rows_are_the_same(tmp_path: Path, separator: str, line_end: str, encoding: str, compressed: bool) -> None:
    content = written(ROWS, separator=separator, line_end=line_end).encode(encoding)
    rows, repairs = read(tmp_path, gzip.compress(content) if compressed else content)
    assert rows == ROWS
    odd = [separator != ",", line_end == "\r", not encoding.startswith("utf-8")]
    assert len(repairs) == sum(odd)


@pytest.mark.parametrize(
    ("content", "repair"),
    [
        (written(ROWS, separator=";", before="sep=;\n"), "file: lines before the header"),
        (written(ROWS, separator=";", before='"sep=;"\r\n', line_end="\r\n"), "file: lines before the header"),
        (written(ROWS, before="Costs of March\nas of 2026-04-02, all accounts\n\n"), "file: lines before the header"),
        (written(ROWS, separator="\t", before="Costs, of March\n"), "file: values separated by tabs"),
        (written(ROWS, before="\ufeff\ufeff"), None),
        (written(ROWS, line_end="\r\n").replace("\r\n", "\n", 1), None),
        (written(ROWS, line_end="\r").replace("\r", "\n", 1), "file: lines end with CR alone"),
        (written(ROWS, line_end="\r") + "\n", "file: lines end with CR alone"),
    ],
)
def test_what_stands_around_the_rows(tmp_path: Path, content: str, repair: str | None) -> None:
    found, repairs = read(tmp_path, content.encode())
    assert [row for row in found if row[0]] == ROWS
    assert repair in repairs if repair else not repairs


@pytest.mark.parametrize("separator", [",", ";"])
def test_quotes_inside_values_are_letters(tmp_path: Path, separator: str) -> None:
    rows = [["2026-03-01T00:00:00Z", "1.5", name, "7"] for name in ('19" rack', 'a "b" c', "plain", 'two " of " them')]
    lines = [separator.join(cells) for cells in [HEADER, *rows]]
    found, repairs = read(tmp_path, "\n".join([*lines, ""]).encode())
    assert found == rows
    assert "file: quotes inside values that are not in quotes" in repairs


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.lists(cells, min_size=1, max_size=4), separator=st.sampled_from(",;\t|"), wide=st.booleans())
def test_no_value_is_lost(tmp_path: Path, names: list[str], separator: str, wide: bool) -> None:
    rows = [["2026-03-01T00:00:00Z", "1.5", name, "x"] for name in names]
    content = written(rows, separator=separator).encode("utf-16" if wide else "utf-8")
    found, _ = read(tmp_path, content)
    assert [row[2] or "" for row in found] == names


@pytest.mark.parametrize("name", ["bill.jsonl", "bill.ndjson", "bill.jsonl.gz", "bill.NDJSON.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    objects = [
        '{"BillingPeriodStart": "2026-03-01T00:00:00Z", "BilledCost": 0.123456789012345678901, "SubAccountId": "007"}',
        "",
        '{"BilledCost": 12, "BillingPeriodStart": "2026-03-01T00:00:00Z", "Tags": {"team": "ä", "n": 1.5}, "X": null}',
    ]
    content = "\n".join(objects).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    (offer,) = FocusFiles("bills", [name], base=tmp_path).discover({}).offers
    rows = offer.parts[0].open().collect(engine="streaming")
    assert rows["BilledCost"].to_list() == ["0.123456789012345678901", "12"]
    assert rows["SubAccountId"].to_list() == ["007", None]
    assert json.loads(rows["Tags"][1]) == {"team": "ä", "n": 1.5}
    assert rows["X"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"BilledCost": 1}\n{"BilledCost": \n', "a.jsonl, line 2: the line is not JSON"),
        ("a.jsonl", b"[1, 2]\n", "a.jsonl, line 1: the line is not a JSON object"),
        ("a.jsonl", b'{"BilledCost": "\xe4"}\n', "a.jsonl, line 1: the line is not UTF-8"),
        ("a.jsonl.gz", gzip.compress(b'{"BilledCost": 1}\n' * 9)[:-9], "a.jsonl.gz: the file is truncated"),
        ("a.csv", b"PK\x03\x04rest", "a.csv: the file is a ZIP archive or an Excel workbook, not CSV"),
        ("a.csv", b"PAR1rest", "a.csv: the file is a Parquet file, not CSV"),
        ("a.csv", b"\n<!DOCTYPE html><html>", "a.csv: the file is a web page, not CSV"),
        ("a.csv", b"BillingPeriodStart,ServiceName\n2026-03-01,B\xfcro\n", "a.csv: the file is not UTF-8"),
        ("a.csv", "BillingPeriodStart,ServiceName\n2026-03-01,B".encode("utf-16")[:-1], "a.csv: the file is truncated"),
        (
            "a.csv",
            b'BillingPeriodStart,ServiceName\n1" x,"A"B\n',
            "a.csv, line 2: a value contains a quote",
        ),
        ("a.csv", b"BilingPeriodStrt;BilledCost\n2026-03-01;1\n", "Rename 'BilingPeriodStrt' to 'BillingPeriodStart'"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RefusedBatch) as caught:
        FocusFiles("bills", [name], base=tmp_path).discover({})
    assert message in str(caught.value)


@pytest.mark.parametrize(("cells", "what"), [(3, "3 values"), (1, "1 value"), (5, "5 values")])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: f"Costs of March\nas of 2026-04-02\n{text}".encode(),
        lambda text: text.replace('"two lines"', '19" rack').encode(),
    ],
    ids=["plain", "gzip", "crlf", "cr", "utf-16", "semicolons", "titles", "quotes"],
)
def test_a_row_that_is_too_short_or_too_long_is_named(
    tmp_path: Path, write: Callable[[str], bytes], cells: int, what: str
) -> None:
    good = ["2026-03-01T00:00:00Z,1.5,,7", '2026-03-01T00:00:00Z,1.5,"two lines",', "", "2026-03-01T00:00:00Z,,,"]
    bad = ",".join(["2026-03-01T00:00:00Z", "2.5", "plain", "8", "more"][:cells])
    content = write("\n".join([",".join(HEADER), *good, bad, *good, ""]))
    with pytest.raises(RefusedBatch, match=rf"bill.csv, row 5: {what} for 4 columns"):
        read(tmp_path, content)


def test_rows_of_one_column_and_values_over_several_lines_have_their_width(tmp_path: Path) -> None:
    rows = [[ROWS[0][0], "1.5", 'first\nsecond, "third"', ""], [ROWS[0][0], "2.5", "", ""]]
    found, _ = read(tmp_path, f"{written(rows)}\n\n".encode())
    assert [[cell or "" for cell in row] for row in found if row[0]] == rows
