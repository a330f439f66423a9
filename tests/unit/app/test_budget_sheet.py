"""Budgets from a sheet of finance."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from finops.app.policies.budget_sheet import SheetBudget, read_budget_sheet
from finops.cli.app import app
from finops.config.plugins import policy_kinds
from finops.documents.yaml_file import parse_documents
from finops.errors import Malformed
from finops.focus.schema import condition_columns
from finops.model.money import Money, minor_unit
from finops.model.untrusted import one_plain_line
from finops.policy.document import read_policy
from finops.policy.options import Known

BAD = Path(__file__).parents[2] / "golden" / "budget_sheets" / "bad"
COLUMNS = condition_columns().with_dimensions(("team",))
SHEET = """\
name,owner,scope,parent,description,2027-01,2027-02
engineering,cto,"team IN ('checkout', 'search')",,All of it,20000 EUR,20000 EUR
checkout-2027,team-checkout,team = 'checkout',engineering,"The till, and more",12000 EUR,12000.50 EUR
search-2027,team-search,team = 'search',engineering,,8000 EUR,6000 EUR
"""


@pytest.mark.parametrize("path", sorted(BAD.glob("*.csv")), ids=lambda path: path.stem)
def test_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``FINOPS_WRITE_GOLDEN=1`` writes the messages anew."""
    monkeypatch.chdir(BAD)
    with pytest.raises(Malformed) as caught:
        read_budget_sheet(Path(path.name), COLUMNS, "")
    expected = path.with_suffix(".txt")
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        expected.write_text(f"{caught.value}\n", encoding="utf-8")
    assert f"{caught.value}\n" == expected.read_text(encoding="utf-8")


def test_the_parts_of_a_budget_add_up_or_the_difference_is_named(tmp_path: Path) -> None:
    sheet = tmp_path / "budgets.csv"
    sheet.write_text(SHEET, encoding="utf-8")

    found = read_budget_sheet(sheet, COLUMNS, "")

    assert [one.name for one in found.budgets] == ["engineering", "checkout-2027", "search-2027"]
    assert found.differences == (
        "engineering, 2027-02: its parts add up to 18000.50 EUR, 1999.50 EUR less than its 20000.00 EUR",
    )


def test_a_workbook_says_the_same_as_its_csv(tmp_path: Path) -> None:
    (tmp_path / "budgets.csv").write_text(SHEET, encoding="utf-8-sig")
    (tmp_path / "semicolons.csv").write_text("name;owner;currency;2027-01\na;o;EUR;1.5\n", encoding="utf-8")
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Name", "Owner", "Scope", "Parent", "Description", date(2027, 1, 1), "2027-02"])
    page.append(["engineering", "cto", "team IN ('checkout', 'search')", None, "All of it", 20000, 20000])
    page.append(
        [
            "checkout-2027",
            "team-checkout",
            "team = 'checkout'",
            "engineering",
            "The till, and more",
            12000,
            12000.5000001,
        ]
    )
    page.append(["search-2027", "team-search", "team = 'search'", "engineering", None, "8000 EUR", 6000])
    page.append([None])
    book.save(tmp_path / "budgets.xlsx")

    text = read_budget_sheet(tmp_path / "budgets.csv", COLUMNS, "").text()

    assert read_budget_sheet(tmp_path / "budgets.xlsx", COLUMNS, "EUR").text() == text
    [one] = read_budget_sheet(tmp_path / "semicolons.csv", COLUMNS, "").budgets
    assert one.amounts == {"2027-01": Money(Decimal("1.5"), "EUR")}


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    (tmp_path / "budgets.xlsx").write_text("name,owner", encoding="utf-8")
    with pytest.raises(Malformed, match="not an XLSX workbook"):
        read_budget_sheet(tmp_path / "budgets.xlsx", COLUMNS, "")
    with pytest.raises(Malformed, match="cannot be read"):
        read_budget_sheet(tmp_path / "none.csv", COLUMNS, "")


@settings(max_examples=15)
@given(
    st.text(max_size=30).map(lambda text: one_plain_line(text, 100)),
    st.dictionaries(st.integers(1, 12), st.integers(0, 10**9), min_size=1),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_what_is_written_is_the_budget_that_was_read(about: str, amounts: dict[int, int], currency: str) -> None:
    months = {f"2027-{month:02}": Money(amount * minor_unit(currency), currency) for month, amount in amounts.items()}
    written = SheetBudget("a", about or "o", "team = 'it''s'", "", about, months, 2).document()

    documents, faults = parse_documents(written, "budgets.yaml")
    assert faults == []
    policy, faults = read_policy(documents[0], policy_kinds().load_all(), Known(COLUMNS, ()))
    assert faults == []
    assert policy is not None
    assert policy.spec.options.amount == months
    assert (policy.owner, policy.description) == (about or "o", about)


def test_the_command_writes_a_policy_file_and_overwrites_only_its_own(tmp_path: Path) -> None:
    (tmp_path / "finops.yaml").write_text(
        "apiVersion: finops/v1\npolicies: ./policies\nlake: ./lake\ncurrency: EUR\n"
        "sources: {a: {kind: focus-files, path: ./bills}}\ndimensions: {team: [{tags: [team]}]}\n",
        encoding="utf-8",
    )
    sheet, out = tmp_path / "budgets.csv", tmp_path / "budgets.yaml"
    sheet.write_text(SHEET.replace(" EUR", ""), encoding="utf-8")
    command = ["-c", str(tmp_path / "finops.yaml"), "policies", "import", str(sheet), "--out", str(out)]

    for _ in range(2):
        ran = CliRunner().invoke(app, command)
        assert ran.exit_code == 0, ran.output
        assert "engineering, 2027-02" in ran.output
        assert "3 budgets" in ran.output
    out.write_text("apiVersion: finops/v1\n", encoding="utf-8")
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 2
    assert "was not imported from a sheet" in " ".join(ran.output.split())
