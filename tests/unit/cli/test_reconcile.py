"""``finops lake reconcile`` as people type it, over the real sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from finops.cli.reconcile import joined
from tests.support.sample import sample_project

ARGUMENTS = ("sample", "2024-09", "20.17", "USD")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reconcile")
    sample_project(folder)
    assert finops(folder, "collect").exit_code == 0
    return folder


def finops(folder: Path, *arguments: str) -> Any:
    found: Any = CliRunner().invoke(app, ["-c", str(folder / "finops.yaml"), *arguments], env={"COLUMNS": "200"})
    return found


def total(folder: Path) -> str:
    said = json.loads(finops(folder, "lake", "reconcile", "--invoice", *ARGUMENTS, "--format", "json").stdout)
    invoiced = [one for one in said["comparisons"] if one["against"] == "the invoice: typed in"]
    return str(invoiced[0]["totals"][0]["lake"])


def test_an_invoice_that_is_right_exits_0_and_one_that_is_not_exits_4(folder: Path) -> None:
    right = finops(folder, "lake", "reconcile", "--invoice", "sample", "2024-09", total(folder), "USD")
    assert right.exit_code == 0, right.output
    assert "agrees" in right.stdout
    wrong = finops(folder, "lake", "reconcile", "--invoice", "sample", "2024-09", "1", "USD")
    assert wrong.exit_code == 4
    assert "differs" in wrong.stdout
    assert "every billing period adds up" in wrong.stdout


def test_a_tolerance_forgives_what_it_covers(folder: Path) -> None:
    arguments = ("lake", "reconcile", "--invoice", "sample", "2024-09", "1", "USD", "--tolerance", "100000")
    assert finops(folder, *arguments).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tolerance", "a lot"], "--tolerance: 'a lot' is not a valid amount"),
        (["--invoice", "sample", "September", "1", "USD"], "'September' is not a valid month"),
        (["--invoice", "sample 2024-09 1"], "is not an invoice"),
        (["--invoice", "smaple", "2024-09", "1", "USD"], "no source is named 'smaple'"),
        (["smaple"], "no source is named 'smaple'"),
    ],
)
def test_bad_arguments_exit_2_and_say_how_to_write_it(folder: Path, arguments: list[str], said: str) -> None:
    ran = finops(folder, "lake", "reconcile", *arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_several_invoices_are_taken_quoted_or_not() -> None:
    typed = ["--invoice", "a", "2026-10", "-5", "USD", "--invoice", "b 2026-10 1 EUR", "--lines", "3", "a"]
    assert joined(typed) == ["--invoice", "a 2026-10 -5 USD", "--invoice", "b 2026-10 1 EUR", "--lines", "3", "a"]
