"""One attempt at a delivery: whatever the receiver's code does, it ends in words and nobody else is held up."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from finops.alert.attempts import Attempts
from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused
from finops.model.message import DeliveryOutcome
from tests.support.verdicts import T0, MovableClock

FAULT: dict[str, Any] = {"where": "receiver a", "remedy": "Wait"}
ATTEMPTS = Attempts(MovableClock(), Random(1))


@pytest.mark.parametrize(
    ("error", "outcome", "text"),
    [
        (DeliveryRefused("HTTP 404", **FAULT), DeliveryOutcome.PARKED, "receiver a: HTTP 404. Wait"),
        (DeliveryFailed("HTTP 503", **FAULT), DeliveryOutcome.FAILED, "receiver a: HTTP 503. Wait"),
        (AccessDenied("not set", **FAULT), DeliveryOutcome.FAILED, "receiver a: not set. Wait"),
        (RuntimeError("s3cr3t"), DeliveryOutcome.FAILED, "an error in the receiver's code (RuntimeError)"),
    ],
)
def test_whatever_sending_raises_is_an_outcome(error: Exception, outcome: DeliveryOutcome, text: str) -> None:
    def send() -> str:
        raise error

    ended = ATTEMPTS.make(send, number=1, written_at=T0)
    assert (ended.outcome, ended.text) == (outcome, text)
    assert (ended.again_at is not None) == (outcome is DeliveryOutcome.FAILED)

    old = ATTEMPTS.make(send, number=9, written_at=T0 - timedelta(days=4))
    assert (old.outcome, old.again_at) == (DeliveryOutcome.PARKED, None)


def test_what_was_accepted_is_the_answer() -> None:
    ended = ATTEMPTS.make(lambda: "HTTP 200 OK", number=1, written_at=T0)
    assert (ended.outcome, ended.text) == (DeliveryOutcome.DELIVERED, "HTTP 200 OK")
