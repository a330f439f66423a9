"""A repository of policies, and the command line in the same process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  bills: {kind: focus-files, path: ./bills}
dimensions:
  team: [{tags: [team]}, {else: unallocated}]
"""

POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: checkout-monthly, owner: team-checkout, description: Everything that checkout runs on}
spec:
  scope: team = 'checkout' AND ChargeCategory <> 'Tax'
  period: month
  amount: 12000 EUR
  alerts:
    - {when: spent > 80%, severity: info}
    - {when: pace > 110%, severity: warning}
"""

TEST = """\
policy: checkout-monthly
now: 2026-03-20T06:00:00Z
costs: |                       # CSV with any FOCUS columns and dimensions; the rest gets defaults
  day,team,EffectiveCost
  2026-03-01..2026-03-19,checkout,500
demand: {}
expect: [{group: {}, state: firing, severity: warning, measure: pace, value: 1.29 ± 0.01}]
"""

Finops = Callable[..., tuple[str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "policies" / "checkout.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "policies" / "checkout.test.yaml").write_text(TEST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def finops(folder: Path) -> Finops:
    """``finops("policies", "check", "policies", status=0)`` -> standard output and standard error."""

    def run(*arguments: str, status: int = 0) -> tuple[str, str]:
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
        assert done.exit_code == status, done.output
        return done.stdout, done.stderr

    return run
