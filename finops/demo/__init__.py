"""A fictitious shop with 13 months of bills: deterministic, with planted incidents."""

from finops.demo.configuration import write_config
from finops.demo.generate import MARKER, WrittenDemo, restate, write_demo

__all__ = ["MARKER", "WrittenDemo", "restate", "write_config", "write_demo"]
