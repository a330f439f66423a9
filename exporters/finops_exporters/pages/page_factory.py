"""What the pages of all snapshots share."""

from __future__ import annotations

from finops.model.kind_profile import Profiles
from finops.model.snapshot import Snapshot
from finops_exporters.pages.pictures import Pictures
from finops_exporters.pages.rendered import RenderedPages
from finops_exporters.pages.site import Site
from finops_exporters.pages.snapshot_index import SnapshotIndex


class PageFactory:
    """Templates and drawings, kept over all snapshots."""

    def __init__(self) -> None:
        self._site = Site()
        self._pictures = Pictures()

    def of(self, snapshot: Snapshot | None, profiles: Profiles) -> RenderedPages:
        index = SnapshotIndex.of(snapshot, profiles) if snapshot is not None else None
        return RenderedPages(self._site, self._pictures, index, profiles)
