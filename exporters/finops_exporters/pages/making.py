"""What the pages of all snapshots share."""

from __future__ import annotations

from finops.model.snapshot import Snapshot
from finops_exporters.pages.book import Book
from finops_exporters.pages.pictures import Pictures
from finops_exporters.pages.rendered import RenderedPages
from finops_exporters.pages.site import Site


class Making:
    """Templates and drawings, kept over all snapshots."""

    def __init__(self) -> None:
        self._site = Site()
        self._pictures = Pictures()

    def of(self, snapshot: Snapshot | None) -> RenderedPages:
        return RenderedPages(self._site, self._pictures, Book.of(snapshot) if snapshot is not None else None)
