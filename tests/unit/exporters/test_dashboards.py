"""Dashboards: the same bytes each time, complete for Grafana's own model, and readable as a list of panels."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from finops.publish.catalogue import OPERATIONAL
from finops_exporters.grafana import GrafanaExporter
from finops_exporters.rules.records import RECORDS
from finops_exporters.rules.rule import Recording
from tests.support.profiles import EVALUATED, PROFILES
from tools.dashboards.generate import FOLDER, files

GOLDEN = Path(__file__).parents[2] / "golden" / "grafana"
FILES = GrafanaExporter().files("https://finops.example.com/", PROFILES)
DASHBOARDS = {Path(name).stem: json.loads(text) for name, text in FILES.items() if name.endswith(".json")}
NAMES = sorted(DASHBOARDS)
WIDTH = 24


def panels(name: str) -> list[dict[str, Any]]:
    return list(DASHBOARDS[name]["panels"])


def expressions() -> Iterator[str]:
    for name in NAMES:
        for panel in panels(name):
            yield from (target["expr"] for target in panel["targets"])


def listing(name: str) -> str:
    """What a dashboard shows, for people who read a change; the digest holds the rest of it."""
    lines = [f"sha256:{hashlib.sha256(FILES[f'grafana/dashboards/{name}.json']).hexdigest()}"]
    for panel in panels(name):
        lines.append(f"\n{panel['type']}: {panel['title']}")
        lines.extend(f"  {target['refId']} {target['expr']}" for target in panel["targets"])
    return "\n".join(lines) + "\n"


def test_the_shipped_files_are_what_the_generator_makes() -> None:
    shipped = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert shipped == files(), "run 'make dashboards'"


def test_there_are_four() -> None:
    assert NAMES == ["budgets", "health-of-the-collection", "overview", "unit-cost-and-growth"]
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == 4


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_golden_one(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(listing(name), encoding="utf-8")
    assert listing(name) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_grafanas_model_reads_it_and_writes_the_same(name: str) -> None:
    read = Dashboard.from_json(DASHBOARDS[name])
    assert json.loads(json.dumps(read, cls=JSONEncoder)) == DASHBOARDS[name]


@pytest.mark.parametrize("name", NAMES)
def test_panels_fill_whole_rows_and_say_what_they_are(name: str) -> None:
    places = [panel["gridPos"] for panel in panels(name)]
    for top in {place["y"] for place in places}:
        row = [place for place in places if place["y"] == top]
        assert sum(place["w"] for place in row) == WIDTH
        assert len({place["h"] for place in row}) == 1
    assert all(panel["title"] and panel["description"] for panel in panels(name))
    assert len({panel["id"] for panel in panels(name)}) == len(panels(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_of_an_expression_or_a_link_is_defined(name: str) -> None:
    text = json.dumps(DASHBOARDS[name])
    used = set(re.findall(r"\$\{?([a-z]\w*)\}?", text)) - {"__all"}
    defined = {variable["name"] for variable in DASHBOARDS[name]["templating"]["list"]}
    assert used == defined


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_expressions_read_only_what_is_exported_or_recorded(expression: str) -> None:
    known = {family.name for family in (*EVALUATED, *OPERATIONAL)} | {
        rule.record for rule in RECORDS.rules if isinstance(rule, Recording)
    }
    assert set(re.findall(r"(?:\w+:)?finops_\w+(?::\w+)?", expression)) <= known


def test_every_family_of_an_evaluation_is_on_a_dashboard() -> None:
    shown = " ".join(expressions())
    assert [family.name for family in EVALUATED if family.name not in shown] == []
