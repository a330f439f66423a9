"""Panels that policy kinds declare -> panels of Grafana."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from finops.model.kind_profile import KindProfile, Metric, Panel, PanelType, Profiles, Series
from finops_exporters.grafana.expressions import verdict
from finops_exporters.grafana.frame import POLICY_PAGES, frame, policies
from finops_exporters.grafana.panels import Query, bars, lines, rows

_NAME = "{{policy}} {{group}}"


def kinds_on(dashboard: str, profiles: Profiles) -> list[KindProfile]:
    return [profile for profile in profiles.in_order if any(panel.dashboard == dashboard for panel in profile.panels)]


def declared(dashboard: str, profiles: Profiles, title: str, about: str, uid: str, service_url: str) -> Dashboard:
    """A dashboard of the panels that kinds declare for it, over policies of those kinds."""
    own = kinds_on(dashboard, profiles)
    made = frame(uid, title, about, service_url, [policies("|".join(profile.kind for profile in own))])
    return with_declared(made, dashboard, profiles)


def with_declared(made: Dashboard, dashboard: str, profiles: Profiles) -> Dashboard:
    metrics = {metric.name: metric for profile in profiles.in_order for metric in profile.metrics}
    for profile in kinds_on(dashboard, profiles):
        for panel in profile.panels:
            if panel.dashboard == dashboard:
                made = made.with_panel(_panel(panel, metrics))
    return made


def _panel(panel: Panel, metrics: Mapping[str, Metric]) -> table.Panel | bargauge.Panel | timeseries.Panel:
    match panel.type:
        case PanelType.ROWS:
            queries = [_column(series, metrics) for series in panel.series]
            return rows(panel.title, panel.about, queries, width=panel.width, links=POLICY_PAGES, height=panel.height)
        case PanelType.BARS:
            (series,) = panel.series
            query = _line(series, metrics, panel.series)
            expr = f"topk({panel.top}, {query.expr})" if panel.top else query.expr
            if panel.steps:
                expr = f"sort_desc({expr})"
            bar = bars(
                panel.title,
                panel.about,
                Query(expr, query.name),
                unit=panel.unit,
                width=panel.width,
                steps=panel.steps,
            )
            return bar.height(panel.height)
        case PanelType.LINES:
            queries = [_line(series, metrics, panel.series) for series in panel.series]
            return lines(panel.title, panel.about, queries, unit=panel.unit, width=panel.width).height(panel.height)


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
