"""Delta tables: a billing period is replaced whole or not at all, and every version can be read again."""

from finops.lake.budget import Budget
from finops.lake.delta_lake import DeltaLake
from finops.lake.memory_view import MemoryView

__all__ = ["Budget", "DeltaLake", "MemoryView"]
