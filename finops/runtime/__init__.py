"""The only place that wires: sources to the lake, findings to alerts, snapshots to pages."""
