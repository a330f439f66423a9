"""How long a writer keeps trying when others are faster."""

from __future__ import annotations

import secrets
import time

ATTEMPTS = 30


def pause(attempt: int) -> None:
    """A random wait that doubles up to a second, so that writers do not meet again at once."""
    time.sleep(secrets.randbelow(1000) / 1000 * min(1.0, 0.02 * 2**attempt))
