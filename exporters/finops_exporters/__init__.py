"""Sinks behind the ports of finops, found by entry point."""
