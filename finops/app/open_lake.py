"""finops.yaml and its lake, without what collects, evaluates and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from finops.allocate import Rules
from finops.app.allocation_rules import allocation_rules_of
from finops.config import Config, load_config
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake, MemoryLimits
from finops.model.dimension import Dimension
from finops.objectstore.location import Location
from finops.ports.clock import Clock
from finops.ports.engine import Engine
from finops.ports.lake import Lake


def read_config(path: Path) -> Config:
    """Raises ``Malformed`` with every fault of the file."""
    return load_config(path, condition_columns())


def open_lake(
    config: Config,
    clock: Clock,
    dimensions: Sequence[Dimension],
    timezone: ZoneInfo,
    engine: Engine | None = None,
    allocations: Rules | None = None,
) -> Lake:
    """The lake with these dimensions, days and allocations (an audit reads an old version with those of then); None:
    those of ``config``."""
    location = Location.parse(config.lake_uri, base=config.base, endpoint=config.lake_endpoint)
    columns = Dimensions(dimensions, condition_columns())
    budget = MemoryLimits(config.ingest_memory_bytes)
    return DeltaLake(
        location,
        dimensions=columns,
        timezone=timezone,
        audit=config.audit,
        clock=clock,
        engine=engine,
        budget=budget,
        allocations=allocations or allocation_rules_of(config),
    )
