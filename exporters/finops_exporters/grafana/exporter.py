"""Dashboards and their provisioning -> files that Grafana loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from pydantic import BaseModel, ConfigDict

from finops.model.kind_profile import Profiles
from finops_exporters.grafana.collection import collection
from finops_exporters.grafana.declared import declared, with_declared
from finops_exporters.grafana.overview import overview

_DECLARED = {
    "budgets": ("finops-budgets", "finops: budgets", "Will each period cost more than agreed?"),
    "unit-cost-and-growth": (
        "finops-growth",
        "finops: unit cost and growth",
        "Does cost grow faster than what it serves?",
    ),
}
"""Dashboards that are made of what policy kinds declare: uid, title, and what they ask."""


def dashboards(service_url: str, profiles: Profiles) -> dict[str, Dashboard]:
    """File name -> dashboard. A kind may name one of its own for its panels."""
    named = {panel.dashboard for profile in profiles.in_order for panel in profile.panels}
    own = {name: (f"finops-{name}", f"finops: {name.replace('-', ' ')}", "") for name in sorted(named - {"overview"})}
    return {
        "overview": with_declared(overview(service_url), "overview", profiles),
        **{
            name: declared(name, profiles, title, about, uid, service_url)
            for name, (uid, title, about) in {**own, **_DECLARED}.items()
        },
        "health-of-the-collection": collection(service_url),
    }


_PROVIDER = """\
# Grafana reads this from /etc/grafana/provisioning/dashboards/; path is where the JSON files lie.
# Written by 'finops assets'.
apiVersion: 1
providers:
  - name: finops
    folder: finops
    type: file
    allowUiUpdates: false
    options:
      path: /var/lib/grafana/dashboards/finops
"""

_DATA_SOURCE = """\
# For a Grafana without a Prometheus yet: /etc/grafana/provisioning/datasources/. Else leave it out.
# Written by 'finops assets'.
apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    access: proxy
    url: http://prometheus:9090
    jsonData:
      timeInterval: 1m   # the scrape interval
"""


class NoOptions(BaseModel):
    """The exporter needs none."""

    model_config = ConfigDict(extra="forbid")


class GrafanaExporter:
    """The dashboards as files."""

    kind: ClassVar[str] = "grafana"
    Options: ClassVar[type[BaseModel]] = NoOptions

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> GrafanaExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    def files(self, service_url: str, profiles: Profiles) -> Mapping[str, bytes]:
        """One JSON file a dashboard, and two files for Grafana's provisioning."""
        return {
            **{
                f"grafana/dashboards/{name}.json": _json(dashboard)
                for name, dashboard in dashboards(service_url, profiles).items()
            },
            "grafana/provisioning/dashboards/finops.yaml": _PROVIDER.encode(),
            "grafana/provisioning/datasources/prometheus.yaml": _DATA_SOURCE.encode(),
        }


def _json(dashboard: Dashboard) -> bytes:
    # no id: Grafana gives its own; panels are numbered here, so that links to one last
    document = json.loads(json.dumps(dashboard.build(), cls=JSONEncoder))
    for variable in document["templating"]["list"]:
        if variable["type"] == "constant":
            variable["hide"] = 2  # the builder of constants has no word for it
    for number, panel in enumerate(document["panels"], start=1):
        panel["id"] = number
    return f"{json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()
