"""Why a number cannot be said: it turns a verdict into ``unknown``, never into zero."""

from __future__ import annotations


class Unknowable(Exception):
    """Carries the reason as half a sentence; never leaves ``finops.evaluate``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
