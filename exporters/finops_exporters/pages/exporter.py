"""Snapshot -> pages, made when somebody reads them; their style sheet and icon."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from finops.model.snapshot import Snapshot
from finops.ports.exporter import Document
from finops_exporters.pages.book import Book
from finops_exporters.pages.pictures import Pictures
from finops_exporters.pages.rendered import RenderedPages
from finops_exporters.pages.site import Site

_ASSETS = {"finops.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


class NoOptions(BaseModel):
    """The pages need none."""

    model_config = ConfigDict(extra="forbid")


class PagesExporter:
    """Overview, policies and their verdicts, alerts, sources: see docs/pages.md."""

    kind: ClassVar[str] = "pages"
    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self) -> None:
        self._site = Site()
        self._pictures = Pictures()

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> PagesExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    def render(self, snapshot: Snapshot | None) -> RenderedPages:
        """Quick: nothing is drawn or written before somebody asks for it."""
        return RenderedPages(self._site, self._pictures, Book.of(snapshot) if snapshot is not None else None)

    def assets(self) -> Mapping[str, Document]:
        folder = files("finops_exporters.pages") / "static"
        return {f"/static/{name}": Document(kind, (folder / name).read_bytes()) for name, kind in _ASSETS.items()}
