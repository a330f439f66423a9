"""Snapshot -> pages: charts and verdicts once a snapshot, the sources around them as often as they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from pydantic import BaseModel, ConfigDict

from finops.model.operations import Operations
from finops.model.snapshot import Snapshot
from finops.ports.exporter import Document
from finops_exporters.pages.chart_cache import ChartCache
from finops_exporters.pages.overview import Overview, overview_of
from finops_exporters.pages.sources import source_rows

_HTML = "text/html; charset=utf-8"
_ASSETS = {"finops.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


class NoOptions(BaseModel):
    """The pages need none."""

    model_config = ConfigDict(extra="forbid")


class PagesExporter:
    """The overview at ``/``, its style sheet and its icon."""

    kind: ClassVar[str] = "pages"
    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("finops_exporters.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._page = environment.get_template("overview.html")
        self._verdicts = environment.get_template("verdicts.html")
        self._charts = ChartCache()

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> PagesExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    def render(self, snapshot: Snapshot | None) -> RenderedOverview:
        """Draws the charts that changed since the snapshot before, and writes everything but the sources."""
        if snapshot is None:
            return RenderedOverview(self._page, None, "")
        with self._charts.renewing() as draw:
            overview = overview_of(snapshot, draw)
        return RenderedOverview(self._page, overview, self._verdicts.render(overview=overview))

    def assets(self) -> Mapping[str, Document]:
        folder = files("finops_exporters.pages") / "static"
        return {f"/static/{name}": Document(kind, (folder / name).read_bytes()) for name, kind in _ASSETS.items()}


@dataclass(frozen=True, slots=True)
class RenderedOverview:
    """``_verdicts``: the part that only the next evaluation changes, ready."""

    _page: Template
    _overview: Overview | None
    _verdicts: str

    def documents(self, operations: Operations) -> Mapping[str, Document]:
        page = self._page.render(
            overview=self._overview,
            verdicts=self._verdicts,
            sources=source_rows(operations),
            collecting=sorted(operations.collecting),
            evaluation_error=operations.evaluation_error,
        )
        return {"/": Document(_HTML, page.encode(errors="replace"))}
