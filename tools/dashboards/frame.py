"""What all dashboards share: names, variables, links."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from finops_exporters.grafana.expressions import kinds_variable
from tools.dashboards.panels import SOURCE

POLICY_PAGES = {"policy": "${url}/policies/${__data.fields.policy}"}
"""Column -> page of finops. A policy's name has no character that an address would have to encode."""

_ALL = model.VariableOption(text="All", value="$__all", selected=True)


def frame(uid: str, title: str, about: str, variables: Sequence[dashboard.QueryVariable]) -> dashboard.Dashboard:
    """An empty dashboard: its data source, installation and filters, links to the pages and to the other dashboards."""
    made = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(about)
        .tags(["finops"])
        .timezone("utc")
        .refresh("5m")
        .time("now-30d", "now")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(_link("finops", "${url}/"))
        .link(
            dashboard.DashboardLink("Dashboards")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags(["finops"])
            .as_dropdown(True)
            .keep_time(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(choice("job", "Installation", "label_values(finops_leader, job)"))
    )
    for variable in variables:
        made = made.with_variable(variable)
    return made.with_variable(dashboard.ConstantVariable("url").value("").description("Where people reach finops"))


def choice(name: str, label: str, query: str) -> dashboard.QueryVariable:
    """Several values, all of them at first. ``.*``: what has no such label is among all."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(SOURCE)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(_ALL)
    )


def policies() -> dashboard.QueryVariable:
    return choice("policy", "Policy", kinds_variable())


def _link(title: str, url: str) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(title).type(model.DashboardLinkType.LINK).url(url).target_blank(True)
