"""Whole dashboards, and of those that policy kinds fill: an empty one, and a panel of each type to fill in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.collection import collection
from tools.dashboards.frame import POLICY_PAGES, frame, policies
from tools.dashboards.overview import overview
from tools.dashboards.panels import Query, bars, lines, rows

FOLDER = Path(__file__).parents[2] / "exporters" / "finops_exporters" / "grafana" / "dashboards"

_QUERY = Query("")


def files() -> Mapping[str, bytes]:
    """Name in ``FOLDER`` -> content."""
    return {
        "overview.json": _json(overview().build()),
        "health-of-the-collection.json": _json(collection().build()),
        "declared.json": _json(frame("", "", "", [policies()]).build()),
        "panels.json": _json(
            {
                "rows": rows("", "", [_QUERY], width=1, links=POLICY_PAGES).build(),
                "bars": bars("", "", _QUERY, unit="", width=1).build(),
                "lines": lines("", "", [_QUERY], unit="", width=1).build(),
            }
        ),
    }


def _json(made: object) -> bytes:
    document = json.loads(json.dumps(made, cls=JSONEncoder))
    for variable in document.get("templating", {}).get("list", ()):
        if variable["type"] == "constant":
            variable["hide"] = 2  # the builder of constants has no word for it
    for number, panel in enumerate(document.get("panels", ()), start=1):
        panel["id"] = number  # so that links to one last
    return f"{json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()
