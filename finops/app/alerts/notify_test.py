"""A marked test message to one receiver."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from finops.alert.trial import trial_notice
from finops.errors import BadArguments
from finops.ports.clock import Clock
from finops.ports.receiver import Receiver


def send_test(receivers: Mapping[str, Receiver], name: str, *, clock: Clock, link: str) -> str:
    """What the receiver answered. Raises ``BadArguments``, ``DeliveryFailed`` or ``DeliveryRefused``."""
    if name not in receivers:
        known = ", ".join(sorted(receivers)) or "none: add one under 'receivers:' in finops.yaml"
        raise BadArguments(f"no receiver is named '{name}'", where="RECEIVER", remedy=f"Configured: {known}")
    notice = trial_notice(clock.now(), link=link)
    return receivers[name].send([notice], idempotency_key=str(uuid.uuid4()))
