"""Which files make up which billing period, and what is read again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.collect.files import FocusFiles
from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Unreachable
from finops.model.completeness import Completeness
from finops.ports.lake import Known
from finops.ports.source import Discovery

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def bill(*starts: date, note: str = "") -> str:
    lines = [f"{start.isoformat()}T00:00:00Z,1.5,{note}" for start in starts]
    return "\n".join(["BillingPeriodStart,BilledCost,ChargeDescription", *lines, ""])


def source(base: Path, *paths: str) -> FocusFiles:
    return FocusFiles("bills", paths or ["."], base=base)


def known(discovery: Discovery) -> dict[date, Known]:
    """What the lake knows after it took everything; manifests have been through JSON."""
    return {
        offer.billing_period: Known(
            billing_period=offer.billing_period,
            digest=offer.digest,
            rows=1,
            sums={},
            run_id="run",
            written_at=datetime(2026, 5, 1, tzinfo=UTC),
            costs_version=0,
            completeness=Completeness(),
            manifest=json.loads(json.dumps(offer.manifest)),
        )
        for offer in discovery.offers
    }


def offered(discovery: Discovery) -> dict[date, list[str]]:
    return {offer.billing_period: [part.name for part in offer.parts] for offer in discovery.offers}


def digests(discovery: Discovery) -> dict[date, str]:
    return {offer.billing_period: offer.digest for offer in discovery.offers}


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(bill(FEBRUARY, MARCH))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.csv.gz").write_bytes(gzip.compress(bill(MARCH).encode()))
    pl.DataFrame({"BillingPeriodStart": [datetime(2026, 4, 1, tzinfo=UTC)]}).write_parquet(tmp_path / "c.PARQUET")
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["."], {FEBRUARY: ["a.csv"], MARCH: ["a.csv", "deep/b.csv.gz"], APRIL: ["c.PARQUET"]}),
        (["a.csv"], {FEBRUARY: ["a.csv"], MARCH: ["a.csv"]}),
        (["*.csv"], {FEBRUARY: ["a.csv"], MARCH: ["a.csv"]}),
        (["**/*.csv*"], {FEBRUARY: ["a.csv"], MARCH: ["a.csv", "deep/b.csv.gz"]}),
        (["deep", "deep/*.gz"], {MARCH: ["deep/b.csv.gz"]}),
    ],
)
def test_a_file_a_glob_a_folder(bills: Path, paths: list[str], expected: Mapping[date, list[str]]) -> None:
    assert offered(source(bills, *paths).discover({})) == expected


def test_what_tools_put_beside_data_is_passed_over_and_other_files_are_noted(bills: Path) -> None:
    for name in ("_SUCCESS", ".hidden.csv", "notes.txt"):
        (bills / name).write_text("x")
    discovery = source(bills).discover({})
    assert discovery.notes == ("1 file skipped; the name ends in none of the known extensions: notes.txt",)


def test_the_same_bytes_have_the_same_digests_wherever_they_stand(bills: Path) -> None:
    before = digests(source(bills).discover({}))
    (bills / "a.csv").rename(bills / "z.csv")
    assert digests(source(bills).discover({})) == before


def test_a_changed_file_changes_all_its_periods_and_no_other(bills: Path) -> None:
    first = source(bills).discover({})
    (bills / "a.csv").write_text(bill(FEBRUARY, MARCH, note="corrected"))
    second = source(bills).discover(known(first))
    changed = {period for period, digest in digests(second).items() if digests(first)[period] != digest}
    assert changed == {FEBRUARY, MARCH}


def test_a_new_file_changes_its_period_only(bills: Path) -> None:
    first = source(bills).discover({})
    (bills / "d.csv").write_text(bill(APRIL))
    second = source(bills).discover(known(first))
    assert {period for period in digests(first) if digests(first)[period] != digests(second)[period]} == {APRIL}


def test_known_files_are_not_opened_again(bills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = source(bills).discover({})

    def never(*_: Any, **__: Any) -> None:
        pytest.fail("a file was opened")

    monkeypatch.setattr(pl, "scan_csv", never)
    monkeypatch.setattr(pl, "scan_parquet", never)
    again = source(bills).discover(known(first))
    assert (digests(again), offered(again)) == (digests(first), offered(first))


def test_a_manifest_of_another_kind_is_no_obstacle(bills: Path) -> None:
    first = source(bills).discover({})
    strange = {period: replace(entry, manifest={"files": ["x"]}) for period, entry in known(first).items()}
    assert digests(source(bills).discover(strange)) == digests(first)


def test_a_period_without_files_keeps_its_rows_and_says_so(bills: Path) -> None:
    first = source(bills).discover({})
    (bills / "c.PARQUET").unlink()
    second = source(bills).discover(known(first))
    assert APRIL not in digests(second)
    assert second.notes == ("2026-04: no file contains it any more; the collected rows are kept",)


def test_a_file_that_leaves_a_period_changes_it(bills: Path) -> None:
    first = source(bills).discover({})
    (bills / "a.csv").write_text(bill(FEBRUARY))
    second = source(bills).discover(known(first))
    assert offered(second)[MARCH] == ["deep/b.csv.gz"]
    assert digests(second)[MARCH] != digests(first)[MARCH]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*.csv", "*.json", "empty", "nothing.csv"])
def test_no_bill_at_all_is_an_error_with_a_remedy(bills: Path, path: str) -> None:
    (bills / "empty").mkdir()
    with pytest.raises(NotFound) as caught:
        source(bills, path).discover({})
    assert caught.value.remedy


def test_periods_begin_on_the_providers_own_day(tmp_path: Path) -> None:
    starts = [
        "2026-03-01T00:00:00+08:00",
        "2026-02-28T16:00:00Z",
        "2026-03-01 00:00:00",
        " 2026-04-01",
        "2026-04-01T00:00:00 UTC",
        "NULL",
        '""',
    ]
    lines = [f"{start},x" for start in starts]
    (tmp_path / "a.csv").write_text("\n".join(["billingPeriodStart,BilledCost", *lines]))
    assert list(offered(source(tmp_path).discover({}))) == [MARCH, APRIL]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("BilledCost\n1\n", "a.csv, header: the column BillingPeriodStart is missing."),
        ("BillingStart,BilledCost\n1,2\n", "Rename 'BillingStart' to 'BillingPeriodStart'"),
        (
            "BillingPeriodStart,BilledCost\n2026-03-01,1\nsoon,1\n",
            "a.csv, row 2, column BillingPeriodStart: 'soon' is no",
        ),
        ("BillingPeriodStart,BilledCost\n,1\n", "a.csv, row 1, column BillingPeriodStart: the value is missing."),
        ("", "a.csv: the file is empty."),
    ],
)
def test_a_file_without_a_period_is_no_bill(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(RefusedBatch) as caught:
        source(tmp_path).discover({})
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["BillingPeriodStart,BilledCost\n", "BillingPeriodStart,BilledCost\n,\n,\n"])
def test_a_bill_without_rows_offers_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    assert source(tmp_path).discover({}).offers == ()


@pytest.mark.parametrize("name", ["cut.csv.gz", "cut.parquet", "wrong.csv.gz"])
def test_a_damaged_file_is_named(bills: Path, name: str) -> None:
    whole = (bills / ("c.PARQUET" if name.endswith("parquet") else "deep/b.csv.gz")).read_bytes()
    damaged = whole[: len(whole) // 2] if name.startswith("cut") else whole[:-6] + b"\0" + whole[-5:]
    (bills / name).write_bytes(damaged)
    with pytest.raises(RefusedBatch) as caught:
        source(bills, name).discover({})
    assert caught.value.where == name


def test_a_file_that_changes_or_vanishes_meanwhile_is_noticed(bills: Path) -> None:
    offers = source(bills, "a.csv").discover({}).offers
    (bills / "a.csv").write_text(bill(FEBRUARY, MARCH, note="longer"))
    with pytest.raises(Unreachable, match="changed during the collection"):
        offers[0].parts[0].open()
    (bills / "a.csv").unlink()
    with pytest.raises(NotFound, match="deleted during the collection"):
        offers[0].parts[0].open()


def test_account_ids_are_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("BillingPeriodStart,SubAccountId\n2026-03-01,007\n")
    (offer,) = source(tmp_path).discover({}).offers
    assert offer.parts[0].open().collect()["SubAccountId"].to_list() == ["007"]


def test_wildcards_in_names_are_names(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text(bill(MARCH))
    (tmp_path / "a1.csv").write_text(bill(APRIL))
    discovery = source(tmp_path).discover({})
    assert [offer.parts[0].open().collect().height for offer in discovery.offers] == [1, 1]


def test_checks_tell_what_there_is(bills: Path) -> None:
    checks = source(bills).check()
    assert all(check.passed for check in checks)
    assert "3 files" in checks[0].detail
    assert [check.passed for check in source(bills, "nowhere").check()] == [False]


def test_a_file_that_may_not_be_read(bills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")  # root, who runs tests in containers, may read everything

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(AccessDenied) as caught:
        source(bills, "a.csv").discover({})
    assert caught.value.where == "a.csv"
    assert isinstance(caught.value, FinopsError)
