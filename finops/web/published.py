"""What is public now. Replaced whole, so that a reader sees one state or the next, never half of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops.model.operations import Operations
from finops.model.snapshot import Snapshot
from finops.ports.exporter import RenderedPages
from finops.web.protocol.stored_response import StoredDocument, StoredMetrics


@dataclass(frozen=True, slots=True)
class Published:
    """Ready bytes, and the values behind them. ``snapshot`` is None until the first evaluation; ``documents``: path ->
    asset. ``pages`` are made when they are asked for."""

    snapshot: Snapshot | None
    operations: Operations
    metrics: StoredMetrics
    documents: Mapping[str, StoredDocument]
    pages: RenderedPages


class PublishedState:
    """Written by the publisher's thread, read by the server's: one reference, swapped."""

    __slots__ = ("_current",)

    def __init__(self) -> None:
        self._current: Published | None = None

    @property
    def current(self) -> Published | None:
        """None until anything was published."""
        return self._current

    def swap(self, published: Published) -> None:
        self._current = published
