"""A drawing is made again only when its days change: each takes a tenth of a second."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from finops_exporters.charts.drawing import CARD, NARROW, WIDE, Size
from finops_exporters.charts.style import for_dark_pages

SIZES = {"card": CARD, "narrow": NARROW, "wide": WIDE}
_MOST = 1024
"""Some 10 kB each."""


class Pictures:
    """The drawings asked for of late, over all snapshots. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn: OrderedDict[str, str] = OrderedDict()

    def svg(self, key: str, draw: Callable[[Size], str | None], size: str, *, dark: bool) -> bytes | None:
        """``key``: everything that the drawing shows. None where there is nothing to draw."""
        own = f"{size}\x1f{key}"
        with self._lock:
            found = self._drawn.get(own)
            if found is not None:
                self._drawn.move_to_end(own)
        if found is None:
            found = draw(SIZES[size])
            if found is None:
                return None
            with self._lock:
                self._drawn[own] = found
                while len(self._drawn) > _MOST:
                    self._drawn.popitem(last=False)
        return (for_dark_pages(found) if dark else found).encode()
