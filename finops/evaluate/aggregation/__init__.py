"""Costs of selections of rows, added up exactly by whichever engine holds the tables."""
