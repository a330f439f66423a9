"""Statements taken away from the service: the same files as those of the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from finops.app.collection.source import collect
from finops.model.period import month_start
from finops.service.wiring import operations_reader
from tests.integration.web.project import make_project
from tests.integration.web.served import published
from tests.support.focus_frames import bill
from tests.support.verdicts import T0, MovableClock

DAYS = [date(2026, 3, 1) + timedelta(days=offset) for offset in range(19)]


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder, clock = tmp_path_factory.mktemp("statements"), MovableClock(T0)
    container = make_project(folder, clock)
    rows = [_row(day, service) for day in DAYS for service in ("Compute", "=HYPERLINK()")]
    bill(*rows).write_parquet(folder / "bills" / "march.parquet")
    bill(_row(date(2026, 2, 1), "Compute", "USD")).write_parquet(folder / "bills" / "february.parquet")
    assert collect(container.sources["sample"], container.lake, clock).run.error == ""
    with (
        published(None, operations_reader(container).read(leader=True), container=container) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client
    container.close()


def _row(day: date, service: str, currency: str = "EUR") -> dict[str, str]:
    month = day.replace(day=1)
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), "1"),
        "BillingCurrency": currency,
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{month_start(month, 1)}T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "ServiceName": service,
    }


def test_a_month_is_listed_and_its_files_can_be_taken_away(viewer: httpx.Client) -> None:
    page = viewer.get("/statements").text
    assert "March 2026" in page
    assert "provisional" in page
    for form, kind, start in (
        ("html", "text/html", b"<!doctype html>"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("csv", "text/csv", b""),
    ):
        assert f'href="/statements/2026-03.{form}"' in page
        file = viewer.get(f"/statements/2026-03.{form}")
        assert file.status_code == 200, file.text
        assert file.headers["content-type"].startswith(kind)
        way = "inline" if form == "html" else "attachment"
        assert file.headers["content-disposition"] == f'{way}; filename="statement-2026-03.{form}"'
        assert ("style-src 'unsafe-inline'" in file.headers["content-security-policy"]) == (form == "html")
        assert file.content.startswith(start)


def test_the_list_says_what_each_month_comes_to_and_what_the_files_are_by(viewer: httpx.Client) -> None:
    page = viewer.get("/statements?by=ServiceName").text.replace("\u00a0", " ")

    assert "38.00 EUR" in page  # two services, a euro a day, 19 days
    assert "no rate from USD to EUR" in page
    assert '<option value="ServiceName" selected>' in page
    assert 'href="/statements/2026-03.xlsx?by=ServiceName"' in page
    assert "by=" not in viewer.get("/statements?by=%22%3E%3Cb").text.split("<tbody>")[1]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("2026-04.csv", 404, "no source has a bill of 2026-04"),
        ("2026-02.csv", 409, "no rate from USD to EUR: finops.yaml configures no exchange rates"),
        ("2026-13.csv", 422, "is not a valid month. Write it like 2026-10"),
        ("2026-03.pdf", 404, "Page not found."),
        ("2026-03.csv?by=Nothing", 422, "costs cannot be grouped by 'Nothing'"),
    ],
)
def test_what_cannot_be_made_is_said(viewer: httpx.Client, address: str, status: int, said: str) -> None:
    refused = viewer.get(f"/statements/{address}")
    assert (refused.status_code, said in refused.text) == (status, True), refused.text


def test_lines_are_told_apart_as_asked(viewer: httpx.Client) -> None:
    text = viewer.get("/statements/2026-03.csv?by=ServiceName").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert sorted(line["ServiceName"] for line in lines) == ["'=HYPERLINK()", "Compute"]
    assert [Decimal(line["effective"]) for line in lines] == [Decimal(19), Decimal(19)]
