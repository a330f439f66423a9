"""What the core asks of the world. Each port has only the calls that are made."""
