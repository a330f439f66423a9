"""The policy kinds, each found by its entry point."""
