"""A chart is drawn again only when its days change: drawing takes a twentieth of a second each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from finops.model.evaluation import Track
from finops_exporters.charts.burn_up import draw
from finops_exporters.pages.overview import Draw


class ChartCache:
    """Holds the charts of the newest snapshot, and no older ones."""

    def __init__(self) -> None:
        self._drawn: dict[str, str | None] = {}

    @contextmanager
    def renewing(self) -> Iterator[Draw]:
        """A drawing function for one snapshot; what it was not asked for is forgotten at the end."""
        drawn: dict[str, str | None] = {}

        def cached(track: Track, today: date) -> str | None:
            key = f"{track!r}{today}"
            if key not in drawn:
                drawn[key] = self._drawn[key] if key in self._drawn else draw(track, today)
            return drawn[key]

        yield cached
        self._drawn = drawn
