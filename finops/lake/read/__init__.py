"""The tables at one data version."""
