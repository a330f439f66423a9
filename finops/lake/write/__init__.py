"""Periods and series are replaced whole, and the rollup follows."""
