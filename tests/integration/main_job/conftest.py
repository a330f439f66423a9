"""A folder with the real sample, a budget over its month, and the command line in the same process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from finops.cli.app import app
from tests.support.sample import sample_project

BUDGET = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: september, owner: finance, description: Every row of the sample}
spec:
  scope: ChargeCategory IS NOT NULL
  period: {from: 2024-09-01, to: 2024-10-01}
  amount: 14 USD
  alerts:
    - {when: spent > 100%, severity: critical}
"""

Finops = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sample_project(tmp_path)
    (tmp_path / "policies" / "september.yaml").write_text(BUDGET, encoding="utf-8")
    return tmp_path


@pytest.fixture
def finops(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Finops:
    """The command line in ``folder``, in this process: ``finops("collect", "--dry-run")``."""
    monkeypatch.chdir(folder)

    def run(*arguments: str, status: int = 0) -> Result:
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "250"})
        assert done.exit_code == status, done.output
        # what else it raises would be a traceback in a process of its own
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return run
