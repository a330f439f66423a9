"""A marked test message to one receiver."""

from __future__ import annotations

import uuid

from finops.alert.trial import trial_notice
from finops.app.container import Container
from finops.errors import BadArguments


def send_test(parts: Container, name: str) -> str:
    """What the receiver answered. Raises ``BadArguments``, ``DeliveryFailed`` or ``DeliveryRefused``."""
    receivers = parts.receivers()
    if name not in receivers:
        known = ", ".join(sorted(receivers)) or "none: add one under 'receivers:' in finops.yaml"
        raise BadArguments(f"no receiver is called '{name}'", where="RECEIVER", remedy=f"Known are: {known}")
    notice = trial_notice(parts.clock.now(), link=parts.config.http.external_url)
    return receivers[name].send([notice], idempotency_key=str(uuid.uuid4()))
