"""The command line: thin, and quick to start (heavy libraries are imported by the command that needs them)."""
