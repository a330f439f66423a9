"""Policies and the lake -> verdicts. Pure: files in, values out, no clock, no network."""
