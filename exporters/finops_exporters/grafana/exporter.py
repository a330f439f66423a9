"""Dashboards and their provisioning -> files that Grafana loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from finops.model.kind_profile import Profiles
from finops.ports.exporter import NoOptions
from finops_exporters.grafana.declared import Json, declared, shipped, with_declared

_DECLARED = {
    "budgets": ("finops-budgets", "finops: budgets", "Is spending within budget?"),
    "unit-cost-and-growth": (
        "finops-growth",
        "finops: unit cost and growth",
        "Does cost grow faster than demand?",
    ),
}
"""Dashboards that are made of what policy kinds declare: uid, title, and what they ask."""


def dashboards(service_url: str, profiles: Profiles) -> dict[str, Json]:
    """File name -> dashboard. A kind may name one of its own for its panels."""
    named = {panel.dashboard for profile in profiles.in_order for panel in profile.panels}
    own = {name: (f"finops-{name}", f"finops: {name.replace('-', ' ')}", "") for name in sorted(named - {"overview"})}
    made = {
        "overview": with_declared(shipped("overview"), "overview", profiles),
        **{
            name: declared(name, profiles, title, about, uid)
            for name, (uid, title, about) in {**own, **_DECLARED}.items()
        },
        "health-of-the-collection": shipped("health-of-the-collection"),
    }
    for dashboard in made.values():
        (url,) = (one for one in dashboard["templating"]["list"] if one["name"] == "url")
        url["query"] = service_url.rstrip("/")
    return made


_PROVIDER = """\
# Grafana reads this from /etc/grafana/provisioning/dashboards/; path is the directory of the JSON files.
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
# For a Grafana without a Prometheus yet: /etc/grafana/provisioning/datasources/. Otherwise leave it out.
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


def _json(dashboard: Json) -> bytes:
    return f"{json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()
