"""Cost Explorer from the command line: collected, checked and reconciled; every cent asked for is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from finops.model.period import month_start
from finops.state import open_state
from tests.servers.cost_explorer import Charge, FakeCostExplorer
from tests.support.verdicts import MovableClock

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: USD
sources:
  quick: {{kind: aws-cost-explorer, months: 1, endpoint: "{endpoint}"}}
"""
LAST = month_start(month_start(datetime.now(UTC).date()) - timedelta(days=1))
"""The command line reads the real clock: last month's first day."""


@pytest.fixture
def folder(tmp_path: Path, cost_explorer: FakeCostExplorer) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG.format(endpoint=cost_explorer.endpoint), encoding="utf-8")
    cost_explorer.charges = [Charge(LAST, "1234.56", values={"SERVICE": "EC2", "LINKED_ACCOUNT": "000123456789"})]
    return tmp_path


def finops(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["-c", str(folder / "finops.yaml"), *arguments], env={"COLUMNS": "200"})


def spent(folder: Path) -> Decimal:
    state = open_state("sqlite:///state.db", base=folder, clock=MovableClock())
    found = state.collections.sources()["quick"].request_cost_usd
    state.close()
    return found


def test_every_cent_is_counted(folder: Path, cost_explorer: FakeCostExplorer) -> None:
    collected = finops(folder, "collect")
    assert (collected.exit_code, spent(folder)) == (0, Decimal("0.02"))
    assert "asking for" in collected.stderr
    checked = finops(folder, "sources", "check")
    assert (checked.exit_code, spent(folder)) == (0, Decimal("0.03"))
    assert "about 0.02 USD" in " ".join(checked.stdout.split())
    reconciled = finops(folder, "lake", "reconcile")
    assert (reconciled.exit_code, spent(folder)) == (0, Decimal("0.04"))
    assert "1,234.56 USD" in reconciled.stdout
    assert "agrees" in reconciled.stdout


def test_what_the_provider_changed_since_is_shown(folder: Path, cost_explorer: FakeCostExplorer) -> None:
    assert finops(folder, "collect").exit_code == 0
    cost_explorer.charges += [Charge(LAST, "7.44", values={"SERVICE": "Tax"})]
    found = finops(folder, "lake", "reconcile")
    assert found.exit_code == 4
    assert "-7.44 USD" in found.stdout
    assert f"{LAST}" in found.stdout
    assert "Tax" in found.stdout


def test_a_refusal_is_no_agreement(folder: Path, cost_explorer: FakeCostExplorer) -> None:
    from tests.servers.cost_explorer import Refusal

    assert finops(folder, "collect").exit_code == 0
    with cost_explorer.failing(lambda *_: Refusal("AccessDeniedException")):
        found = finops(folder, "lake", "reconcile")
        checked = finops(folder, "sources", "check")
    assert found.exit_code == 4
    assert "ce:GetCostAndUsage" in " ".join(found.stdout.split())
    assert checked.exit_code == 4
    assert "ce:GetCostAndUsage" in " ".join(checked.stdout.split())
