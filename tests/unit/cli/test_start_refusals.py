"""``finops config check`` finds whatever keeps ``finops run`` from starting, and says it in the same words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app

BAD = sorted((Path(__file__).parents[2] / "golden" / "config" / "bad").glob("*.yaml"))
GOOD = "apiVersion: finops/v1\npolicies: ./policies\nlake: ./lake\nstate: sqlite:///state.db\ncurrency: EUR\n"
POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: all, owner: finance}
spec: {period: month, amount: 1 EUR, alerts: [{when: spent > 80%, severity: info}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> tuple[int, list[str]]:
    """Exit status, and each line of standard error."""
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    return done.exit_code, done.stderr.splitlines()


@pytest.mark.parametrize("bad", BAD, ids=lambda path: path.stem)
def test_both_refuse_a_bad_file_alike(folder: Path, bad: Path) -> None:
    (folder / "finops.yaml").write_bytes(bad.read_bytes())
    checked, started = told("config", "check"), told("run", "--check")
    assert checked == started
    assert checked[0] == 2
    assert not (folder / "state.db").exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("rates: {source: ecb-file, path: ./rates.csv}", "finops.yaml:6:1: "),
        ("rates: {source: ecb-file, path: ./broken.csv}", "finops.yaml:6:1: ./broken.csv, row 1"),
        ("engine: {kind: spark, master: 'local[1]'}", "finops.yaml:6:1: engine: {kind: spark}: no Java was found"),
    ],
)
def test_both_refuse_what_is_missing_beside_it_alike(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lines: str, says: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(folder))
    (folder / "broken.csv").write_text("Date,USD\nyesterday,1.1\n", encoding="utf-8")
    (folder / "finops.yaml").write_text(f"{GOOD}{lines}\n", encoding="utf-8")
    checked, started = told("config", "check"), told("run", "--check")
    assert checked == started
    assert checked[0] == 2
    assert checked[1][0].startswith(says)


def test_a_secret_that_is_not_set_here_keeps_run_from_starting_and_is_a_warning_of_the_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_URL", raising=False)
    auth = "http: {auth: {tokens: {anna: {token: {env: NOBODY}}, ben: {token: {file: empty}}}}}"
    (folder / "empty").write_text("\n", encoding="utf-8")
    text = GOOD.replace("sqlite:///state.db", "{env: STATE_URL}")
    (folder / "finops.yaml").write_text(f"{text}{auth}\n", encoding="utf-8")
    faults = [
        "finops.yaml:4:1: {env: STATE_URL}: the environment variable is not set. Set STATE_URL",
        "finops.yaml:6:24: {env: NOBODY}: the environment variable is not set. Set NOBODY",
        "finops.yaml:6:54: {file: empty}: the secret is empty. Fill empty",
    ]
    status, checked = told("config", "check")
    assert (status, checked) == (0, [f"warning: {fault}. 'finops run' needs it" for fault in faults])
    status, started = told("run", "--check")
    assert (status, started[:-1]) == (2, faults)
