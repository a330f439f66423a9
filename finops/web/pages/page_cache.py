"""Pages that were made since something was published: the next reader gets them as they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from cachetools import LRUCache

from finops.ports.exporter import Document
from finops.web.protocol.stored_response import StoredDocument
from finops.web.published import Published

_MOST = 512
"""Pages and drawings; some 20 kB each."""


class Kept:
    """What is made for one publication is forgotten with the next, the least used first. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Published | None = None
        self._documents: LRUCache[Hashable, StoredDocument] = LRUCache(_MOST)

    def get(self, current: Published, key: Hashable, make: Callable[[], Document | None]) -> StoredDocument | None:
        """``make`` is called outside the lock: two readers of a new page may both make it. None is not kept."""
        found = self._find(current, key)
        if found is not None:
            return found
        document = make()
        if document is None:
            return None
        stored = StoredDocument.of(document)
        if document.lasting:
            self._keep(current, key, stored)
        return stored

    def _find(self, current: Published, key: Hashable) -> StoredDocument | None:
        with self._lock:
            if self._of is not current:
                self._of = current
                self._documents.clear()
            return self._documents.get(key)

    def _keep(self, current: Published, key: Hashable, stored: StoredDocument) -> None:
        with self._lock:
            if self._of is current:
                self._documents[key] = stored
