"""Delta tables one at a time: compare-and-swap commits, staged files, the log, and errors mapped."""
