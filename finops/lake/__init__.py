"""Delta tables: a billing period is replaced whole or not at all, and every version can be read again."""

from finops.lake.delta_lake import DeltaLake
from finops.lake.read.in_memory import InMemoryLakeView
from finops.lake.tables.memory_limits import MemoryLimits

__all__ = ["DeltaLake", "InMemoryLakeView", "MemoryLimits"]
