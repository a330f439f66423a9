"""Where dated exchange rates come from."""
