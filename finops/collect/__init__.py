"""Where bills, demand and rates come from: provider -> parts with provenance. Nothing here knows FOCUS's rules."""
