"""``docs/backup.md`` as an operator types it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from typer.testing import CliRunner

from finops.cli.app import app
from tests.sample import SAMPLE

PAGE = Path(__file__).parents[3] / "docs" / "backup.md"
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./var/lake
state: sqlite:///var/state.db
currency: USD
sources:
  sample: {kind: focus-files, path: ./bills}
"""
BUDGET = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: all, owner: finance}
spec:
  period: month
  amount: 1000000 USD
  alerts:
    - {when: spent > 100%, severity: warning}
"""


def _block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, mark
    return found[1]


def _typed(folder: Path, script: str) -> str:
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _project(folder: Path) -> Path:
    (folder / "policies").mkdir(parents=True)
    (folder / "bills").mkdir()
    (folder / "policies" / "all.yaml").write_text(BUDGET, encoding="utf-8")
    (folder / "bills" / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_a_backup_is_restored_on_another_machine(tmp_path: Path) -> None:
    old, new = _project(tmp_path / "old"), tmp_path / "new"
    _typed(old, "finops collect && finops evaluate")
    _typed(old, _block("backup"))
    new.mkdir()
    shutil.move(old / "backup", new / "backup")
    shutil.move(old / "bills", new / "bills")
    shutil.rmtree(old)
    said = _typed(new, _block("restore"))
    assert "rebuilt scopes and costs_daily" in said
    with sa.create_engine(f"sqlite:///{new / 'var' / 'state.db'}").connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM evaluations")).scalar_one() == 2


def test_commands_tell_the_truth_about_a_broken_lake(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    finops = ["-c", str(project / "finops.yaml")]

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*finops, *arguments], env={"COLUMNS": "400"})
        return done.exit_code, done.output

    assert call("lake", "rebuild") == (0, "nothing to rebuild: the lake is empty; run 'finops collect' to fill it\n")
    assert call("collect")[0] == 0
    for path in (project / "var" / "lake" / "scopes").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:100])
    for command in ("evaluate", "collect"):
        status, said = call(command)
        assert status == 4
        assert "finops lake rebuild" in said
    status, said = call("lake", "rebuild")
    assert status == 0
    assert said.startswith("rebuilt scopes and costs_daily: ")
    assert said.count("\n") == 1
    assert call("evaluate")[0] == 0
    assert call("collect")[0] == 0


def test_an_older_program_refuses_a_newer_state(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    config = ["-c", str(project / "finops.yaml")]
    assert CliRunner().invoke(app, [*config, "collect"]).exit_code == 0
    with sa.create_engine(f"sqlite:///{project / 'var' / 'state.db'}").begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of-the-future'"))
    done = CliRunner().invoke(app, [*config, "evaluate"], env={"COLUMNS": "400"})
    assert done.exit_code == 4
    named = re.search(r"\*(its schema revision is unknown.*?)\*", PAGE.read_text(encoding="utf-8").replace("\n", " "))
    assert named
    assert named[1] in done.output
