"""docs/demo.md says what the demo really holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.unit.demo.conftest import Demo

_PAGE = Path(__file__).parents[3] / "docs" / "demo.md"
_MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1))


def test_the_table_of_teams_is_the_truth(demo: Demo) -> None:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in _PAGE.read_text("utf-8").splitlines()]
    by_team = {row[0]: row[1:] for row in cells if len(row) == 8}
    budgets = {budget.team: budget for budget in demo.truth.budgets}

    for team in demo.truth.months[_MONTHS[0]]:
        amounts = [f"{demo.truth.months[month][team]:,.0f}" for month in _MONTHS]
        assert by_team[team][1:5] == amounts, team
    for team, budget in budgets.items():
        assert by_team[team][0] == f"{budget.amount:,.0f}"
        assert by_team[team][5] == f"{budget.pace:.2f}"


def test_every_incident_is_described(demo: Demo) -> None:
    page = _PAGE.read_text("utf-8")

    for incident in demo.truth.incidents:
        assert f"`{incident.name}`" in page
    for folder in ("bills/aws/", "bills/azure/", "bills/datacentre/", "bills/ai/", "corrections/"):
        assert f"`{folder}`" in page
        assert (demo.folder / folder).is_dir()
