"""Wiring and use cases: the commands, the web layer and the service call these; nothing below imports them."""
