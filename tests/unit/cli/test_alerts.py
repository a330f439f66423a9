"""``finops alerts`` as people type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finops.alert import apply
from finops.cli.app import app
from finops.model.route import Route
from finops.state import open_state
from tests.support.verdicts import T0, MovableClock, evaluation, link, verdict

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
dimensions:
  team: [{tags: [team]}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two teams fire; one has a name that would draw on the terminal."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    state = open_state("sqlite:///state.db", base=tmp_path, clock=MovableClock())
    found = [verdict(group={"team": "a"}), verdict(group={"team": "[red]b\x1b[2J\u202e"})]
    routes = [Route({}, ("finance",))]
    apply(evaluation(found), state.alerts, routes=routes, policies={"checkout-monthly"}, link=link, now=T0)
    state.close()
    return tmp_path


def alerts(folder: Path, *arguments: str, status: int = 0) -> Any:
    runner = CliRunner()
    done: Any = runner.invoke(
        app, ["-c", str(folder / "finops.yaml"), "alerts", *arguments], env={"COLUMNS": "220", "USER": "ada"}
    )
    assert done.exit_code == status, done.output
    return done


def listed(folder: Path, *arguments: str) -> dict[str, Any]:
    """Alerts by their team's first letters."""
    return {
        one["group"]["team"][:2]: one
        for one in json.loads(alerts(folder, "list", "--format", "json", *arguments).stdout)
    }


def test_acknowledging_from_a_terminal(folder: Path) -> None:
    known = listed(folder)["a"]["id"]

    said = alerts(folder, "ack", known[:8], "--note", "I am on it", "--as", "ada")
    assert "acknowledged by ada" in said.stdout

    assert listed(folder)["a"]["status"] == "acknowledged"
    assert listed(folder)["a"]["acknowledged"]["note"] == "I am on it"
    assert "acknowledged warning" in alerts(folder, "list").stdout
    shown = json.loads(alerts(folder, "show", known, "--format", "json").stdout)
    assert [one["reason"] for one in shown["history"]] == ["fired", "acknowledged"]
    assert "I am on it" in alerts(folder, "show", known).stdout


def test_silencing_and_lifting_from_a_terminal(folder: Path) -> None:
    said = alerts(folder, "silence", "team=a,policy=checkout-monthly", "--for", "7d", "--reason", "a migration")
    assert "silenced warning" in said.stdout
    assert {team: one["status"] for team, one in listed(folder).items()} == {"a": "silenced", "[r": "firing"}
    [held] = json.loads(alerts(folder, "silences", "--format", "json").stdout)
    assert held["matcher"] == {"team": ["a"], "policy": ["checkout-monthly"]}
    assert "a migration" in alerts(folder, "silences").stdout

    alerts(folder, "lift", held["id"][:8], "--note", "done")

    assert "no active silences" in alerts(folder, "silences").stdout
    assert "done" in alerts(folder, "silences", "--all").stdout
    assert listed(folder)["a"]["status"] == "firing"


def test_a_silence_of_nothing_that_fires_says_so(folder: Path) -> None:
    said = alerts(folder, "silence", "team=aa", "--for", "1h", "--reason", "x")
    assert "covers no alert that fires now" in said.stdout
    assert "no alert has had team 'aa' so far. Did you mean 'a'?" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("silence", "taem=a", "--for", "7d", "--reason", "x"), "Did you mean 'team'?"),
        (("silence", "policy=chekout-monthly", "--for", "7d", "--reason", "x"), "Did you mean 'checkout-monthly'?"),
        (("silence", "severity=critcal", "--for", "7d", "--reason", "x"), "'critcal' is not a severity"),
        (("silence", "team", "--for", "7d", "--reason", "x"), "is not a matcher"),
        (("silence", "team=a", "--for", "soon", "--reason", "x"), "is not a valid duration"),
        (("silence", "team=a", "--for", "9999d", "--reason", "x"), "within 366 days"),
        (("ack", "ffff"), "no such alert"),
        (("ack", "not-an-id"), "hexadecimal"),
        (("lift", "ffff"), "no such silence"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in alerts(folder, *arguments, status=2).stderr


def test_a_name_from_a_bill_cannot_move_the_cursor_or_style_the_table(folder: Path) -> None:
    said = alerts(folder, "list").stdout

    assert "[red]b" in said
    assert "\x1b[2J" not in said
    assert "\u202e" not in said


def test_the_audit_log_names_who_did_what_from_where_and_why(folder: Path) -> None:
    assert "nobody has acknowledged" in alerts(folder, "audit").stdout
    known = listed(folder)["a"]["id"]
    alerts(folder, "ack", known, "--note", "on it", "--as", "\u202ebob")
    alerts(folder, "silence", "team=a", "--for", "1h", "--reason", "a move")

    silenced, acknowledged = json.loads(alerts(folder, "audit", "--format", "json").stdout)

    assert (acknowledged["actor"], acknowledged["proof"], acknowledged["why"]) == ("\u202ebob", "terminal", "on it")
    assert acknowledged["address"].startswith("ada@")
    assert (silenced["actor"], silenced["action"], silenced["why"]) == ("ada", "silenced", "a move")
    shown = alerts(folder, "audit", "--limit", "1")
    assert "a move" in shown.stdout
    assert "not shown: 1 older entry;" in shown.stderr
    assert "\u202e" not in alerts(folder, "audit").stdout
