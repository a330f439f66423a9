"""A marked test message to one receiver."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from finops.alert.trial import trial_notice
from finops.errors import BadArguments, DeliveryFailed
from finops.ports.clock import Clock
from finops.ports.receiver import Receiver


def send_test(receivers: Mapping[str, Receiver], name: str, *, clock: Clock, link: str) -> str:
    """What the receiver answered. Raises ``BadArguments``, ``DeliveryFailed`` or ``DeliveryRefused``.

    Nothing repeats a test by itself, so no error says so.
    """
    if name not in receivers:
        known = ", ".join(sorted(receivers)) or "none: add one under 'receivers:' in finops.yaml"
        raise BadArguments(f"no receiver is named '{name}'", where="RECEIVER", remedy=f"Configured: {known}")
    notice = trial_notice(clock.now(), link=link)
    try:
        return receivers[name].send([notice], idempotency_key=str(uuid.uuid4()))
    except DeliveryFailed as error:
        remedy = "Check the receiver and the network, then send the test again"
        raise DeliveryFailed(error.what, where=error.where, remedy=remedy) from error
