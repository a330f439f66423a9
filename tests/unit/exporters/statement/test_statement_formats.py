"""What finance opens: numbers that add up, text that stays text, the same bytes for the same statement."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

import openpyxl
import pytest

from finops.model.month_costs import MonthForecast
from finops.model.saving import Estimated, MeasuredSaving, SavingClaim, SavingState
from finops.model.statement import InvoiceSum
from finops_exporters.statement import StatementCsv, StatementHtml, StatementXlsx
from finops_exporters.statement.sheet import sheet_names
from finops_exporters.statement.tables import by_owner, by_service, folded, total
from tests.support.hostile_names import HOSTILE_NAMES
from tests.unit.exporters.statement.statements import MADE, statement

FORMATS = (StatementCsv(), StatementHtml(), StatementXlsx())


class Page(HTMLParser):
    """Tags, attributes and cells of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def workbook(**more: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(StatementXlsx().render(statement(**more)).body))


def page(**more: str) -> str:
    return StatementHtml().render(statement(**more)).body.decode()


@cache
def ordinary() -> Page:
    return Page(page())


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: type(form).__name__)
def test_the_same_statement_gives_the_same_bytes(form: StatementCsv) -> None:
    assert form.render(statement()).body == form.render(statement()).body


def test_every_column_adds_up_to_the_total() -> None:
    made = statement()
    whole = total(made)
    for rows in ([row for _, row in by_owner(made)], by_service(made), folded(by_service(made), 1)):
        assert sum(row.billed for row in rows) == whole.billed == Decimal("1880.10")
        assert sum(row.effective for row in rows) == whole.effective == Decimal("1830.05")
        assert sum(row.last_month or 0 for row in rows) == whole.last_month == Decimal("1240.00")
        assert [row.last_year for row in rows] == [None] * len(rows)
        assert sum(row.change or 0 for row in rows) == whole.change == Decimal("590.05")


def test_lines_for_programs_add_up() -> None:
    rows = list(csv.DictReader(io.StringIO(StatementCsv().render(statement()).body.decode(), newline="")))
    assert sum(Decimal(row["billed"]) for row in rows) == Decimal("1880.10")
    assert sum(Decimal(row["effective"]) for row in rows) == Decimal("1830.05")
    assert {row["currency"] for row in rows} == {"EUR"}
    assert [row["charged_in"] for row in rows if row["correction"] == "yes"] == ["2026-09"]
    assert {(row["month"], row["status"], row["made_at"]) for row in rows} == {
        ("2026-10", "settled", "2026-11-05T06:00:00Z")
    }


def test_programs_find_each_column_where_it_was_and_allocated_behind_them() -> None:
    plain, shared = statement(), statement()
    shared = replace(shared, lines=(replace(shared.lines[0], moved=Decimal("-5.00")), *shared.lines[1:]))
    heads = [StatementCsv().render(one).body.decode().partition("\r\n")[0].split(",") for one in (plain, shared)]
    assert heads[0][-5:] == ["billed", "effective", "currency", "status", "made_at"]
    assert heads[1] == [*heads[0], "allocated"]
    row = StatementCsv().render(shared).body.decode().split("\r\n")[1].split(",")
    assert Decimal(row[-1]) == Decimal(row[-5]) - 5


def test_the_workbook_holds_numbers_and_its_totals_are_formulas() -> None:
    sheet = workbook()["Owners"]
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert [(row[0], row[1], row[2]) for row in rows[:-1]] == [
        ("checkout", 1480.10, 1430.05),
        ("search", 300.01, 300.01),
        ("no team", 99.99, 99.99),
        ("gone", 0, 0),
    ]
    assert rows[-1][:3] == ("Total", "=SUM(B4:B7)", "=SUM(C4:C7)")
    assert sheet["B4"].number_format.startswith("#,##0.00")
    assert (sheet["H4"].value, sheet["I4"].value) == (1200, pytest.approx(1.1917, abs=1e-4))


def test_each_owner_has_a_sheet_and_every_line_is_there() -> None:
    index = workbook()
    assert index.sheetnames[-4:] == ["checkout", "search", "no team", "Lines"]
    assert [row[7] for row in index["Lines"].iter_rows(min_row=4, max_row=8, values_only=True)] == [
        1000.10, 500, -20, 300.01, 99.99,
    ]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
def test_hostile_names_are_text_everywhere(name: str) -> None:
    index = workbook(name=name, service=name)
    formulas = [cell.value for sheet in index for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    assert all(re.fullmatch(r"=SUM\([A-Z]\d+:[A-Z]\d+\)", str(formula)) for formula in formulas)
    assert not [cell for sheet in index for row in sheet.iter_rows() for cell in row if cell.hyperlink]

    rows = list(csv.reader(io.StringIO(StatementCsv().render(statement(name, name)).body.decode(), newline="")))
    assert len(rows) == 6
    assert not [cell for row in rows[1:] for cell in row if re.match(r"[=@\t\r]|[+-](?!\d)", cell)]

    html = page(name=name, service=name)
    seen = Page(html)
    assert seen.tags == ordinary().tags, "a name opened an element"
    assert not [key for key, _ in seen.attributes if key.startswith("on")]
    assert "\u202e" not in html


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    seen = Page(page())
    assert not {"script", "link", "img", "iframe", "form"} & set(seen.tags)
    assert not [value for key, value in seen.attributes if key in {"src", "href"} and value]


@pytest.mark.parametrize("site", ["", "https://finops.example.com"])
def test_owners_services_budgets_and_unit_costs_link_to_their_costs_where_the_service_is_known(site: str) -> None:
    made = statement(name='"><b', service="'><b")
    behind = {one.id: "/costs?a=1" for one in (made.budgets[0].finding, *made.unit_costs)}
    seen = Page(StatementHtml().render(replace(made, site=site, behind=behind)).body.decode())
    links = [str(value) for key, value in seen.attributes if key == "href"]
    assert all(link.startswith(f"{site}/costs?") for link in links)
    assert links.count(f"{site}/costs?a=1") == 2
    assert len({link for link in links if "team" in link and "ServiceName+%3D" not in link}) == 4  # owners, one gone
    assert "b" not in seen.tags


def test_the_page_says_what_it_does_not_know() -> None:
    made = page()
    assert "October 2025: nothing to compare with, there is no bill of 2025-10." in made
    assert "unknown: no data" in made
    assert "Settled: every source has delivered the whole month." in made
    assert "differs" in made


def test_a_running_month_is_shown_with_its_forecast_or_why_there_is_none() -> None:
    made = MonthForecast((), Decimal("2300.00"), Decimal("2100.00"), Decimal("2500.00"))
    shown = ("2,300.00 EUR", "2,100.00 to 2,500.00 in 8 of 10 cases"), ("–", "no forecast: 3 settled days")
    for running, (amount, note) in zip(
        (replace(statement(), forecast=made), replace(statement(), no_forecast=shown[1][1])), shown, strict=True
    ):
        assert f"<dd>{amount}<small>{note}, effective cost" in StatementHtml().render(running).body.decode()
        book = openpyxl.load_workbook(io.BytesIO(StatementXlsx().render(running).body))
        summary = {str(row[0]): row[1] for row in book["Summary"].iter_rows(min_row=4, max_col=2, values_only=True)}
        assert summary["Forecast of the effective cost, EUR"] == (2300 if running.forecast else f"– ({note})")
    assert "Forecast for" not in page()


def test_a_statement_that_must_not_be_used_says_so_first() -> None:
    made = replace(statement(), faults=("aws: the lines in USD are not those of its bill",), provisional=("late",))
    seen = StatementHtml().render(made).body.decode()
    assert (
        seen.index("Do not use this statement: aws") < seen.index("Provisional: late.") < seen.index("Effective cost")
    )
    assert ",faulty," in StatementCsv().render(made).body.decode()


def test_names_of_sheets_are_ones_that_a_workbook_takes() -> None:
    names = sheet_names(["a" * 40, "A" * 40, "[x]*?/\\:'", "", "lines", "History"], taken=["Lines"])
    assert names == ["a" * 31, "A" * 27 + " (2)", "x", "unnamed", "lines (2)", "History (2)"]


def test_invoices_by_number_are_listed_where_there_are_any() -> None:
    assert "Invoices by number" not in page()
    one = InvoiceSum("INV-1", "Acme", "Issued", MADE.date(), None, "USD", Decimal("1958.12"), Decimal("1958.12"))
    lone = replace(one, number="INV-2", billed=None)
    made = statement()
    numbered = replace(made, bills=(replace(made.bills[0], invoices=(one, lone)), *made.bills[1:]))
    cells = Page(StatementHtml().render(numbered).body.decode()).cells
    cells = [cell.strip() for cell in cells]
    assert cells[cells.index("INV-1") + 9] == "agrees"
    assert cells[cells.index("INV-2") + 9].split("\n")[0] == "no charge carries this number"
    book = openpyxl.load_workbook(io.BytesIO(StatementXlsx().render(numbered).body))
    values = [row for row in book["Invoices"].iter_rows(values_only=True) if row[0] == "INV-1"]
    assert values[0][7:10] == (1958.12, 1958.12, 0)


def test_savings_are_listed_where_somebody_claimed_one() -> None:
    claim = SavingClaim("a1", "team = '=1+1'", date(2026, 9, 1), "orders", "Anna", "", datetime(2026, 9, 2, tzinfo=UTC))
    proven = MeasuredSaving(
        claim, SavingState.PROVEN, "", saved=Estimated(Decimal("120.50"), Decimal("100.00"), Decimal("141.00"))
    )
    noise = replace(proven, state=SavingState.NOT_PROVEN)
    with_savings = replace(statement(), savings=(proven, noise))
    told = Page(StatementHtml().render(with_savings).body.decode()).cells
    assert told.count("100.00 to 141.00") == 2
    book = openpyxl.load_workbook(io.BytesIO(StatementXlsx().render(with_savings).body))
    credited = [row[7].value for row in book["Savings"].iter_rows() if row[0].value == "team = '=1+1'"]
    assert credited == [120.5, 0]
    assert "Savings" not in workbook().sheetnames
