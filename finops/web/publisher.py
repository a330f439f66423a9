"""Snapshots and the service's own state -> the board."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from finops.model.kind_profile import Profiles
from finops.model.operations import Operations
from finops.model.snapshot import Snapshot
from finops.ports.exporter import Document, MetricsExporter, PagesExporter, RenderedFamilies
from finops.publish.operational_families import operational_families
from finops.web.lazy import LatePages
from finops.web.protocol.stored_response import StoredDocument, StoredMetrics
from finops.web.published import Published, PublishedState


class _Rendered(NamedTuple):
    snapshot: Snapshot | None
    families: RenderedFamilies
    pages: LatePages


class Publisher:
    """Renders each snapshot once; what changes in between is joined to it. Safe to call from any thread."""

    def __init__(
        self,
        board: PublishedState,
        metrics: MetricsExporter,
        pages: PagesExporter,
        profiles: Profiles,
        fixed: Mapping[str, Document] | None = None,
    ) -> None:
        """``fixed``: path -> document that no snapshot changes, beside the assets of the pages."""
        self._board = board
        self._metrics = metrics
        self._pages = pages
        self._profiles = profiles
        always = {**pages.assets(), **(fixed or {})}
        self._assets = {path: StoredDocument.of(document) for path, document in always.items()}
        self._lock = threading.Lock()
        self._rendered = self._render(None)

    def publish(self, snapshot: Snapshot | None, operations: Operations) -> None:
        """The slow way, after an evaluation. Pages are made when the first is asked for, or by ``prepare_pages``."""
        rendered = self._render(snapshot)
        with self._lock:
            self._rendered = rendered
            self._swap(rendered, operations)

    def refresh(self, operations: Operations) -> None:
        """The quick way, between evaluations: the same snapshot, the sources and the outbox as they are now."""
        with self._lock:
            self._swap(self._rendered, operations)

    def prepare_pages(self) -> None:
        """So that the first reader does not wait for them."""
        self._rendered.pages.prepare()

    def _render(self, snapshot: Snapshot | None) -> _Rendered:
        families = snapshot.families if snapshot else ()
        return _Rendered(
            snapshot, self._metrics.render(families), LatePages(partial(self._pages.render, snapshot, self._profiles))
        )

    def _swap(self, rendered: _Rendered, operations: Operations) -> None:
        operational = operational_families(operations, rendered.snapshot)
        metrics = StoredMetrics.of(rendered.families.exposition(operational))
        self._board.swap(Published(rendered.snapshot, operations, metrics, self._assets, rendered.pages))
