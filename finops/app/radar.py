"""The radar over the newest data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.app.collection.collectors import Freshness
from finops.app.collection.rollup_repair import heal
from finops.app.settings import SettingsReader
from finops.conditions import parse
from finops.evaluate.radar import levels_of, scan
from finops.lake.tables.failures import lake_failures
from finops.model.columns import Columns
from finops.model.radar import Radar
from finops.ports.lake import Lake

_COUNTED = "ChargeCategory <> 'Tax'"


@dataclass(frozen=True, slots=True)
class RadarReader:
    """``series``: names of the configured demand series. ``columns``: what a condition may name."""

    lake: Lake
    freshness: Freshness
    settings: SettingsReader
    columns: Columns
    series: Sequence[str]

    @property
    def levels(self) -> list[tuple[str, ...]]:
        """Columns that groups are made by; the first is service by owner."""
        return levels_of(self.settings.config.dimension_names)

    def read(self, as_of: datetime, *, drivers: bool = True) -> Radar:
        """Raises what the stores raise, and ``Malformed`` for a faulty rates file."""
        settings, freshness = self.settings.read(), self.freshness.read()
        heal(self.lake)
        version = self.lake.version()
        view = self.lake.at(version, without=self.lake.faults(version))
        with lake_failures(self.lake.uri):
            return scan(
                view,
                as_of=as_of,
                freshness=freshness,
                settings=settings,
                series=self.series,
                condition=parse(_COUNTED, self.columns),
                drivers=drivers,
            )
