"""Exact sums of many overlapping selections without a join: see docs/array-kernel.md."""
