"""Collecting sources, demand series and emissions into the lake."""
