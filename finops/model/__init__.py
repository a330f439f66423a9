"""Frozen values without any input or output: what the stages of the pipeline hand to one another."""
