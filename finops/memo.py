"""Values, kept as long as what they were made from stays the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from cachetools import LRUCache

T = TypeVar("T")


class Memo(Generic[T]):
    """One value. Safe to ask from any thread; two that ask at once may both make it."""

    def __init__(self) -> None:
        self._kept: tuple[object, T] | None = None

    def of(self, origin: object, make: Callable[[], T]) -> T:
        """What ``make`` gave for this ``origin``; errors are not kept."""
        kept = self._kept
        if kept is None or kept[0] != origin:
            self._kept = kept = origin, make()
        return kept[1]


class Memos(Generic[T]):
    """As ``Memo``, with up to ``most`` values, each of its own origin; the least used is forgotten first.

    Origins are equal where their ``repr`` is. They are not kept: one may hold a whole file.
    """

    def __init__(self, most: int) -> None:
        from cachetools import LRUCache  # noqa: PLC0415 - most who keep one value start without it

        self._kept: LRUCache[bytes, tuple[T]] = LRUCache(most)
        self._lock = threading.Lock()

    def of(self, origin: object, make: Callable[[], T]) -> T:
        """What ``make`` gave for this ``origin``; errors are not kept."""
        key = sha256(repr(origin).encode()).digest()
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = (make(),)
            with self._lock:
                self._kept[key] = kept
        return kept[0]
