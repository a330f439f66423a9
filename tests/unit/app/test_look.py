"""A bill at a glance."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from tests.unit.app.test_survey import bill, days, row


def look(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["look", *arguments], env={"COLUMNS": "60"})
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three months at 100 EUR a day, then 160 EUR a day for 20 days."""
    steady, grown = days(date(2026, 1, 1), 90), days(date(2026, 4, 1), 20)
    rows = [row(day, "100") for day in steady] + [row(day, "160") for day in grown]
    rows += [row(grown[-1] + timedelta(days=0), "7", currency="USD")]
    monkeypatch.chdir(bill(tmp_path, rows))
    return tmp_path


def test_a_bill_is_told_with_its_currency_period_and_verdict(growing: Path) -> None:
    said = look("bill.csv")
    assert "111 rows from 2026-01-01 through 2026-04-20, EUR" in said
    assert "Also billed in USD" in said
    assert "2026-04  3,200.00" in said
    assert "2026-04-01 through 2026-04-20" in said, "a partial month is marked"
    assert "+1,200.00  Compute" in said
    assert "100% of the cost has no owner" in said
    assert "3,100.00 EUR a month; as of 2026-04-20 23:59 UTC it is firing (critical)" in said
    assert said.rstrip().endswith("finops init --source focus-files:path=bill.csv --currency EUR --budget 3100")
    assert [path.name for path in growing.iterdir()] == ["bill.csv"], "nothing is written"


def test_programs_get_exact_amounts(growing: Path) -> None:
    seen = json.loads(look(str(growing), "--format", "json"))
    assert seen["months"][-1] == {"month": "2026-04", "amount": "3200.00", "whole": False}
    assert seen["budget"] == "3100.00"
    assert seen["finding"]["state"] == "firing"
    assert seen["other_currencies"] == ["USD"]


def test_what_is_no_bill_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    assert "notes.csv" in look("notes.csv", status=4)
    assert "no such file" in look("missing.csv", status=4)


def test_credits_only_yield_no_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bill(tmp_path, [row(date(2026, 3, 1), "-5", category="Credit")]))
    said = look("bill.csv")
    assert "No budget can be proposed" in said
    assert "Largest changes" not in said, "one day has no days before it"
    assert "--budget" not in said
