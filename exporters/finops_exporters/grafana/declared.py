"""Panels that policy kinds declare -> panels of Grafana, by filling in those that finops ships."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from finops.model.kind_profile import KindProfile, Metric, Panel, PanelType, Profiles, Series
from finops_exporters.grafana.expressions import kinds_variable, verdict

Json = dict[str, Any]

_NAME = "{{policy}} {{group}}"
_REFS = "ABCDEFGHIJ"
_WHOLE_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and the name of its series or (in a table) of its column; ``unit`` is that of a column."""

    expr: str
    name: str
    unit: str = ""


def shipped(name: str) -> Json:
    """A file of ``make dashboards``."""
    return deepcopy(_read(name))


def kinds_on(dashboard: str, profiles: Profiles) -> list[KindProfile]:
    return [profile for profile in profiles.in_order if any(panel.dashboard == dashboard for panel in profile.panels)]


def declared(dashboard: str, profiles: Profiles, title: str, about: str, uid: str) -> Json:
    """A dashboard of the panels that kinds declare for it, over policies of those kinds."""
    made = shipped("declared")
    made |= {"title": title, "description": about, "uid": uid}
    (policy,) = (one for one in made["templating"]["list"] if one["name"] == "policy")
    policy["query"] = kinds_variable(profile.kind for profile in kinds_on(dashboard, profiles))
    return with_declared(made, dashboard, profiles)


def with_declared(made: Json, dashboard: str, profiles: Profiles) -> Json:
    """``made`` with the declared panels below its own, in rows from left to right."""
    metrics = {metric.name: metric for profile in profiles.in_order for metric in profile.metrics}
    panels: list[Json] = made.setdefault("panels", [])
    for profile in kinds_on(dashboard, profiles):
        for panel in profile.panels:
            if panel.dashboard == dashboard:
                at = _next_place(panels)
                panels.append({"id": len(panels) + 1, **_panel(panel, metrics)})
                panels[-1]["gridPos"] = {"h": panel.height, "w": panel.width, **at}
    return made


@cache
def _read(name: str) -> Json:
    found: Json = json.loads((files(__package__) / "dashboards" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _next_place(panels: Sequence[Json]) -> dict[str, int]:
    """Beside the last panel, or in a new row where the last one is full."""
    if not panels:
        return {"x": 0, "y": 0}
    last = panels[-1]["gridPos"]
    x, y = last["x"] + last["w"], last["y"]
    if x < _WHOLE_WIDTH:
        return {"x": x, "y": y}
    return {"x": 0, "y": y + max(one["gridPos"]["h"] for one in panels if one["gridPos"]["y"] == y)}


def _panel(panel: Panel, metrics: Mapping[str, Metric]) -> Json:
    made: Json = shipped("panels")[panel.type.value]
    made |= {"title": panel.title, "description": panel.about}
    match panel.type:
        case PanelType.ROWS:
            queries = [_column(series, metrics) for series in panel.series]
            made["transformations"][-1]["options"]["renameByName"] = _columns(queries)
            overrides = made["fieldConfig"]["overrides"]  # the last one is the link of the policy's name
            overrides[-1:-1] = [_unit(query) for query in queries if query.unit]
        case PanelType.BARS:
            (series,) = panel.series
            query = _line(series, metrics, panel.series)
            expr = f"topk({panel.top}, {query.expr})" if panel.top else query.expr
            queries = [Query(f"sort_desc({expr})" if panel.steps else expr, query.name)]
            if panel.steps:
                steps = [(None, "green"), *panel.steps]
                made["fieldConfig"]["defaults"]["thresholds"]["steps"] = [
                    {"color": colour, "value": value} for value, colour in steps
                ]
        case PanelType.LINES:
            queries = [_line(series, metrics, panel.series) for series in panel.series]
    if panel.type is not PanelType.ROWS:
        made["fieldConfig"]["defaults"]["unit"] = panel.unit
    (target,) = made["targets"]
    made["targets"] = [
        {**target, "refId": ref, "expr": query.expr, "legendFormat": query.name}
        for ref, query in zip(_REFS, queries, strict=False)
    ]
    return made


def _columns(queries: Sequence[Query]) -> dict[str, str]:
    """Grafana calls the only value column ``Value``, several ``Value #A``, ``Value #B``."""
    if len(queries) == 1:
        return {"Value": queries[0].name}
    return {f"Value #{ref}": query.name for ref, query in zip(_REFS, queries, strict=False)}


def _unit(query: Query) -> Json:
    return {"matcher": {"id": "byName", "options": query.name}, "properties": [{"id": "unit", "value": query.unit}]}


def _column(series: Series, metrics: Mapping[str, Metric]) -> Query:
    metric = metrics[series.metric]
    expr = _expr(series, _labels(metric))
    return Query(f"{expr} * 1000" if metric.from_now else expr, series.name, series.unit)  # Grafana counts milliseconds


def _line(series: Series, metrics: Mapping[str, Metric], beside: Sequence[Series]) -> Query:
    """Named by the policy, its group, and what tells it from the series beside it."""
    metric = metrics[series.metric]
    name = f"{_NAME} {series.name}".rstrip()
    if metric.by_demand and "{{demand}}" not in name and len(beside) == 1:
        name += ": {{demand}}"
    if metric.amount:
        name += " ({{currency}})"
    plain = not metric.amount and not metric.by_demand
    return Query(_expr(series, "policy, group" if plain else _labels(metric)), name)


def _labels(metric: Metric) -> str:
    """The same for all columns of a table, but for the currency."""
    return ", ".join(
        ("policy", "group", "demand" if metric.by_demand else "owner", *(["currency"] if metric.amount else []))
    )


def _expr(series: Series, by: str) -> str:
    expr = verdict(series.metric, by)
    return f"{expr} - {verdict(series.minus, by)}" if series.minus else expr
