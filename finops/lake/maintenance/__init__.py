"""Recounting, compacting and vacuuming; no row changes."""
