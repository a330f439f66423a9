"""One value, kept as long as what it was made from stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """Safe to ask from any thread; two that ask at once may both make it."""

    def __init__(self) -> None:
        self._kept: tuple[object, T] | None = None

    def of(self, origin: object, make: Callable[[], T]) -> T:
        """What ``make`` gave for this ``origin``; errors are not kept."""
        kept = self._kept
        if kept is None or kept[0] != origin:
            self._kept = kept = origin, make()
        return kept[1]
