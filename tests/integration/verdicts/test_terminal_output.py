"""No command obeys a name from a bill, a policy or the state, whatever it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from finops.app.alerts import respond
from finops.cli.app import app
from finops.model.audit import Actor, Proof
from finops.model.cost_question import equals
from tests.integration.web.api.world import judged
from tests.support.hostile_names import HOSTILE_NAMES

HOSTILE = HOSTILE_NAMES["escapes"] + HOSTILE_NAMES["right-to-left"]
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
SERVE_OR_ASK = {("demo",), ("run",), ("init",)}
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {{name: hostile, owner: {0}, description: {0}}}
spec: {{scope: ServiceName = 'x', period: month, amount: 1 EUR, alerts: [{{when: spent > 80%, severity: info}}]}}
"""


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        yield from commands(command, (*path, name)) if hasattr(command, "commands") else [(*path, name)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, ...], list[str]]]:
    """A folder whose bills, policies and state hold such names, and what each command is given there."""
    folder = tmp_path_factory.mktemp("hostile")
    with judged(folder) as made:
        (folder / "policies" / "hostile.yaml").write_text(POLICY.format(json.dumps(HOSTILE)), encoding="utf-8")
        (folder / "policies" / f"a{HOSTILE_NAMES['right-to-left']}.yaml").write_text("kind: [", encoding="utf-8")
        state, clock, actor = made.container.state, made.clock, Actor(HOSTILE, Proof.PROXY, HOSTILE)
        alert = next(one for one in respond.alerts(state) if one.group.get("ServiceName") == HOSTILE_NAMES["escapes"])
        respond.acknowledge(state, alert.id, actor=actor, note=HOSTILE, clock=clock)
        until = clock.now().replace(year=2027)
        silence, _ = respond.silence(
            state, {"ServiceName": (HOSTILE,)}, until=until, reason=HOSTILE, actor=actor, clock=clock
        )
        given = {
            ("assets",): [str(folder / "assets")],
            ("explain",): [alert.finding.id],
            ("report",): ["--month", "2026-03", "--format", "csv", "--out", "-"],
            ("policies", "check"): [str(folder / "policies")],
            ("policies", "test"): [str(folder / "policies")],
            ("policies", "backtest"): [
                str(folder / "policies" / "all.yaml"),
                "--from",
                "2026-03-18",
                "--to",
                "2026-03-19",
            ],
            ("notify", "test"): [HOSTILE],
            ("alerts", "show"): [alert.id],
            ("alerts", "ack"): [alert.id],
            ("alerts", "lift"): [silence.id],
            ("alerts", "silence"): [f"ServiceName={HOSTILE}", "--for", "1h", "--reason", HOSTILE],
            ("sources", "check"): [HOSTILE],
            ("collect",): ["sample"],
            ("lake", "reconcile"): ["sample"],
            ("savings", "claim"): [equals("ServiceName", HOSTILE), "--note", HOSTILE],
        }
    return folder, given


@pytest.mark.parametrize("command", sorted(set(commands()) - SERVE_OR_ASK), ids=" ".join)
def test_a_command_shows_names_and_obeys_none(
    project: tuple[Path, dict[tuple[str, ...], list[str]]], command: tuple[str, ...]
) -> None:
    folder, given = project
    done = CliRunner().invoke(
        app, ["-c", str(folder / "finops.yaml"), *command, *given.get(command, [])], env={"COLUMNS": "300"}
    )
    assert not OBEYED.search(done.stdout + done.stderr)
    assert "Traceback" not in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "command", ["evaluate", "alerts list", "alerts show", "alerts silences", "alerts audit", "explain"]
)
def test_the_names_are_there(project: tuple[Path, dict[tuple[str, ...], list[str]]], command: str) -> None:
    folder, given = project
    words = tuple(command.split())
    done = CliRunner().invoke(
        app, ["-c", str(folder / "finops.yaml"), *words, *given.get(words, [])], env={"COLUMNS": "300"}
    )
    assert "\ufffd" in done.stdout
