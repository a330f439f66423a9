"""Panels with this house's habits: one data source, figures of now as instant queries, words for "nothing here"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as query_model

SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

RATIO = "percentunit"
SECONDS = "s"
MONEY = "locale"
"""Digits as the reader writes them, and no symbol: each series names its currency."""

_SEVERITIES: Mapping[str, str] = {"info": "blue", "warning": "orange", "critical": "red"}

_COLOURED_TEXT = model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"})


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and the name of its series or (in a table) of its column; ``unit`` is that of a column."""

    expr: str
    name: str = ""
    unit: str = ""


def figure(
    title: str,
    about: str,
    query: Query,
    *,
    unit: str,
    width: int,
    bad_from: float | None = None,
    good_from: float | None = None,
) -> stat.Panel:
    """One number for each series, as it is now. Red from ``bad_from`` on, and below ``good_from``."""
    steps = [(value, colour) for value, colour in ((good_from, "text"), (bad_from, "red")) if value is not None]
    return (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .height(4)
        .span(width)
        .no_value("No data. Are the recording rules loaded?")
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(common_model.BigValueColorMode.VALUE)
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .text_mode(common_model.BigValueTextMode.VALUE_AND_NAME)
        .thresholds(_thresholds(steps, base="text" if good_from is None else "red"))
        .with_target(_now(query, "A"))
    )


def bars(
    title: str, about: str, query: Query, *, unit: str, width: int, steps: Sequence[tuple[float, str]] = ()
) -> bargauge.Panel:
    """One bar for each series, as it is now. ``steps``: from which value which colour."""
    return (
        bargauge.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .height(9)
        .span(width)
        .min(0)
        .no_value("Nothing here")
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(steps, base="green" if steps else "blue"))
        .with_target(_now(query, "A"))
    )


def lines(
    title: str, about: str, queries: Sequence[Query], *, unit: str, width: int, stacked: bool = False
) -> timeseries.Panel:
    """Series over the chosen time."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .height(9)
        .span(width)
        .no_value("Nothing here")
        .line_interpolation(common_model.LineInterpolation.STEP_AFTER)
        .fill_opacity(25 if stacked else 0)
        .legend(
            common.VizLegendOptions()
            .display_mode(common_model.LegendDisplayMode.TABLE)
            .placement(common_model.LegendPlacement.BOTTOM)
            .calcs(["lastNotNull"])
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL))
    for ref, query in zip("ABCDEFGHIJ", queries, strict=False):
        panel = panel.with_target(_range(query, ref))
    return panel


def rows(
    title: str,
    about: str,
    queries: Sequence[Query],
    *,
    width: int,
    links: Mapping[str, str] | None = None,
    height: int = 9,
) -> table.Panel:
    """A row for each set of labels, a column for each query. ``links``: column -> where its cells lead."""
    panel = (
        table.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .height(height)
        .span(width)
        .no_value("Nothing here")
        .filterable(True)
        .with_transformation(model.DataTransformerConfig("merge", options={}))
        .with_transformation(
            model.DataTransformerConfig(
                "organize", options={"excludeByName": {"Time": True}, "renameByName": _columns(queries)}
            )
        )
        .override_by_name("severity", [_coloured(_SEVERITIES), _COLOURED_TEXT])
    )
    for ref, query in zip("ABCDEFGHIJ", queries, strict=False):
        panel = panel.with_target(_now(query, ref).format(query_model.PromQueryFormat.TABLE))
        if query.unit:
            panel = panel.override_by_name(query.name, [model.DynamicConfigValue("unit", query.unit)])
    for column, link in (links or {}).items():
        address = {"title": "Open in finops", "url": link, "targetBlank": True}
        panel = panel.override_by_name(column, [model.DynamicConfigValue("links", [address])])
    return panel


def _columns(queries: Sequence[Query]) -> dict[str, str]:
    """Grafana calls the only value column ``Value``, several ``Value #A``, ``Value #B``."""
    if len(queries) == 1:
        return {"Value": queries[0].name}
    return {f"Value #{ref}": query.name for ref, query in zip("ABCDEFGHIJ", queries, strict=False)}


def _coloured(colours: Mapping[str, str]) -> model.DynamicConfigValue:
    options = {text: {"color": colour, "index": index} for index, (text, colour) in enumerate(colours.items())}
    return model.DynamicConfigValue("mappings", [{"type": "value", "options": options}])


def _thresholds(steps: Sequence[tuple[float, str]], *, base: str) -> dashboard.ThresholdsConfig:
    first = model.Threshold(value=None, color=base)
    return (
        dashboard.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([first, *(model.Threshold(value=value, color=colour) for value, colour in steps)])
    )


def _now(query: Query, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(query.expr).ref_id(ref).legend_format(query.name).instant()


def _range(query: Query, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(query.expr).ref_id(ref).legend_format(query.name).range()
