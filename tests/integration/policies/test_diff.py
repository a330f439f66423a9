"""``finops policies diff``: what a reviewer of a pull request reads."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.app.evaluation.policy_diff import GroupChange, Outcome, PolicyDiff
from finops.cli.app import app
from finops.cli.render.policy_diff import MARK, as_markdown
from finops.evaluate.backtest import DayVerdict
from finops.model.finding import State
from finops.model.period import Period
from tests.unit.app.test_survey import bill, days, row

PERIOD = Period(date(2026, 1, 1), date(2026, 4, 1))


def finops(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_changed_amount_is_told_and_a_changed_comment_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bill(tmp_path, [row(day, "10") for day in days(date(2026, 1, 1), 90)]))
    finops("init", "--source", "focus-files:path=bill.csv", "--budget", "400", "--no-check")
    finops("collect")
    schema = finops("policies", "schema", "--with-values")
    assert "ServiceName = '" in schema
    assert "ServiceName = '" not in finops("policies", "schema")
    shutil.copytree("policies", "base")
    policy = tmp_path / "policies/all-spend.yaml"
    policy.write_text("# reviewed\n" + policy.read_text())
    assert finops("policies", "diff", "base", "policies") == ""
    policy.write_text(policy.read_text().replace("amount: 400 EUR", "amount: 200 EUR"))
    said = finops("policies", "diff", "base", "policies", "--days", "5")
    assert said.startswith(f"{MARK}\n### Policies: 1 changed")
    assert "| all-spend | ok → **firing** (critical) | 0 → 1 | 0 |" in said
    (tmp_path / "policies/all-spend.test.yaml").unlink()
    policy.unlink()
    shutil.copy("base/all-spend.yaml", "policies/renamed.yaml")
    renamed = tmp_path / "policies/renamed.yaml"
    renamed.write_text(renamed.read_text().replace("name: all-spend", "name: everything"))
    both = finops("policies", "diff", "base", "policies", "--days", "2")
    assert "### Policies: 1 added, 1 removed" in both
    assert "| everything | none → ok | none → 0 | none → 0 |" in both


def test_names_from_bills_stay_text() -> None:
    verdict = DayVerdict(date(2026, 3, 31), State.UNKNOWN, None, "no data | @here", None, then=True)
    group = {"team": "a|b\n<img> [x](y) @here"}
    change = GroupChange("p", group, None, Outcome(verdict, 0, 90))
    said = as_markdown(PolicyDiff(("p",), (), (), PERIOD, (change,)))
    table = [line for line in said.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {5}
    for unsafe in ("<img>", "[x]", "@here"):
        assert unsafe not in said


def test_no_change_is_silence() -> None:
    assert as_markdown(PolicyDiff((), (), (), PERIOD, ())) == ""
