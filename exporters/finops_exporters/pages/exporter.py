"""Snapshot -> pages, made when somebody reads them; their style sheet and icon."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel

from finops.model.kind_profile import Profiles
from finops.model.snapshot import Snapshot
from finops.ports.exporter import Document, Draft, NoOptions, RenderedPages

if TYPE_CHECKING:
    from finops_exporters.pages.page_factory import PageFactory

_ASSETS = {"finops.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


class PagesExporter:
    """Overview, policies and their verdicts, alerts, sources: see docs/pages.md."""

    kind: ClassVar[str] = "pages"
    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: PageFactory | None = None

    @classmethod
    def from_options(cls, name: str, options: BaseModel, *, base: Path) -> PagesExporter:  # noqa: ARG003
        """Needs neither; the signature is that of every extension."""
        return cls()

    @property
    def paths(self) -> Sequence[str]:
        return self._factory().of(None, Profiles()).paths

    def render(self, snapshot: Snapshot | None, profiles: Profiles) -> RenderedPages:
        """Nothing is drawn or written before somebody asks for it."""
        return self._factory().of(snapshot, profiles)

    def draft(self, draft: Draft, profiles: Profiles) -> Iterator[tuple[str, bytes]]:
        from finops_exporters.pages.draft_files import draft_files  # noqa: PLC0415 - what draws takes half a second to import

        return draft_files(draft, profiles, self.assets())

    def assets(self) -> Mapping[str, Document]:
        folder = files("finops_exporters.pages") / "static"
        return {f"/static/{name}": Document(kind, (folder / name).read_bytes()) for name, kind in _ASSETS.items()}

    def _factory(self) -> PageFactory:
        from finops_exporters.pages.page_factory import PageFactory  # noqa: PLC0415 - what draws takes half a second to import

        with self._lock:
            self._made = self._made or PageFactory()
            return self._made
