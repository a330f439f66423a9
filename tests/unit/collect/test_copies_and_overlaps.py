"""What stands in two files counts once where it is the same file, and is reported where it may be the same charge."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from finops.collect.files import FocusFiles, FocusFilesOptions, copies
from finops.collect.files.opened import BillFile
from finops.ports.source import Discovery
from tests.unit.collect.test_focus_files import known

HEADER = [
    *("BillingPeriodStart", "ChargePeriodStart", "SubAccountId", "ServiceName", "ResourceId"),
    *("BillingCurrency", "BilledCost"),
]
Row = list[str]


def rows(
    days: range, *, cost: str = "10.50", account: str = "1", service: str = "EC2", resource: str = "i-1"
) -> list[Row]:
    month = "2026-03-01T00:00:00Z"
    return [[month, f"2026-03-{day:02}T00:00:00Z", account, service, resource, "USD", cost] for day in days]


def text(content: Sequence[Row], *, separator: str = ",", line_end: str = "\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=line_end).writerows([HEADER, *content])
    return out.getvalue()


def discovered(base: Path, **files: str) -> Discovery:
    for name, content in files.items():
        (base / f"{name}.csv").write_text(content, newline="")
    return FocusFiles("bills", ["."], base=base).discover({})


def parts(discovery: Discovery) -> list[str]:
    (offer,) = discovery.offers
    return [part.name for part in offer.parts]


BILL = rows(range(1, 20)) + rows(range(1, 20), resource="i-2")
COPIES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "another name": lambda: ("x (1).csv", text(BILL).encode()),
    "a folder below": lambda: ("old/x.csv", text(BILL).encode()),
    "compressed": lambda: ("x.csv.gz", gzip.compress(text(BILL).encode())),
    "line ends": lambda: ("x-dos.csv", text(BILL, line_end="\r\n").encode()),
    "old line ends": lambda: ("x-mac.csv", text(BILL, line_end="\r").encode()),
    "separators": lambda: ("x-excel.csv", text(BILL, separator=";").encode()),
    "encoding": lambda: ("x-wide.csv", text(BILL).encode("utf-16")),
    "byte order mark": lambda: ("x-mark.csv", text(BILL).encode("utf-8-sig")),
    "order of rows": lambda: ("x-sorted.csv", text(BILL[::-1]).encode()),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_counts_once_and_is_named(tmp_path: Path, how: str) -> None:
    name, content = COPIES[how]()
    alone = discovered(tmp_path, x=text(BILL))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    both = discovered(tmp_path)
    assert parts(both) == ["x.csv"]
    assert both.notes == (f"{name}: skipped, its rows duplicate x.csv",)
    assert [offer.digest for offer in both.offers] == [offer.digest for offer in alone.offers]


@pytest.mark.parametrize(
    "costs",
    [["0.1", "0.2", "0.3", "1e-7"], ["-5", "5.5", "", "0"], ["n/a", "1", "2", "3"], ["1.234,56", "0,10", "7", "8"]],
    ids=["rounded in another order", "credits and blanks", "no numbers", "commas"],
)
def test_a_copy_is_found_whatever_its_amounts_look_like(tmp_path: Path, costs: list[str]) -> None:
    bill = [row for day, cost in enumerate(costs, start=1) for row in rows(range(day, day + 1), cost=cost)]
    both = discovered(tmp_path, x=text(bill), y1=text(bill[::-1]))
    assert both.notes == ("y1.csv: skipped, its rows duplicate x.csv",)


def test_files_of_one_length_with_other_amounts_are_not_compared_cell_by_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_bill: BillFile) -> tuple[int, ...]:
        raise AssertionError("every cell is read")

    monkeypatch.setattr(copies, "_rows_digest", fails)
    both = discovered(tmp_path, a=text(rows(range(1, 9))), b=text(rows(range(1, 9), cost="10.51", account="2")))
    assert parts(both) == ["a.csv", "b.csv"]


def test_files_of_one_length_with_other_rows_are_no_copies(tmp_path: Path) -> None:
    discovery = discovered(tmp_path, a=text(rows(range(1, 9), account="1")), b=text(rows(range(1, 9), account="2")))
    assert parts(discovery) == ["a.csv", "b.csv"]
    assert discovery.notes == ()


@pytest.mark.parametrize(
    ("second", "amount", "days"),
    [
        (rows(range(1, 20)), "105.00 USD", "10 days (2026-03-01 to 2026-03-10)"),  # month to date, again
        (rows(range(1, 20), cost="11.00"), "105.00 USD", "10 days (2026-03-01 to 2026-03-10)"),  # and restated
        (rows(range(10, 20)), "10.50 USD", "1 day (2026-03-10)"),
        (rows(range(1, 11), service="", resource=""), "105.00 USD", "10 days"),  # the same bill with less detail
    ],
)
def test_overlapping_files_are_reported_with_the_amount(
    tmp_path: Path, second: list[Row], amount: str, days: str
) -> None:
    discovery = discovered(tmp_path, a=text(rows(range(1, 11))), b=text(second))
    assert parts(discovery) == ["a.csv", "b.csv"]
    (note,) = discovery.notes
    assert note.startswith(f"2026-03: a.csv, b.csv hold the same charges of {days}")
    assert f"{amount} may be counted twice" in note


@pytest.mark.parametrize(
    "second",
    [
        rows(range(1, 11), account="2"),
        rows(range(11, 20)),
        rows(range(1, 11), resource="i-2", cost="10.00"),
        rows(range(1, 11), service="S3", cost="7"),
    ],
)
def test_parts_of_a_bill_do_not_overlap(tmp_path: Path, second: list[Row]) -> None:
    assert discovered(tmp_path, a=text(rows(range(1, 11))), b=text(second)).notes == ()


def test_a_source_may_call_its_files_additive(tmp_path: Path) -> None:
    reported = discovered(tmp_path, a=text(rows(range(1, 11))), b=text(rows(range(1, 20))))
    additive = FocusFiles.from_options("bills", FocusFilesOptions(path=".", overlaps="additive"), base=tmp_path)
    assert additive.discover({}).notes == additive.discover(known(reported)).notes == ()


def test_a_note_stays_while_the_files_do(tmp_path: Path) -> None:
    first = discovered(tmp_path, a=text(rows(range(1, 11))), b=text(rows(range(1, 20))))
    assert first.notes
    assert FocusFiles("bills", ["."], base=tmp_path).discover(known(first)).notes == first.notes
