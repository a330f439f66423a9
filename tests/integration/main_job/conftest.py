"""A folder with the real sample, a budget over its month, and the command line in the same process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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

Finops = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sample_project(tmp_path)
    (tmp_path / "policies" / "september.yaml").write_text(BUDGET, encoding="utf-8")
    return tmp_path


@pytest.fixture
def finops(folder: Path) -> Finops:
    """The real command in a process of its own: ``finops("collect", "--dry-run")``."""

    def run(*arguments: str, status: int = 0, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "finops", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "250", **(env or {})},
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run
