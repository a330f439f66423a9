"""Sends what the outbox holds: at least once, with an idempotency key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from threading import Event

from finops.alert.attempts import Attempts, Backoff
from finops.errors import DeliveryFailed, FinopsError
from finops.model.message import Claim, DeliveryOutcome
from finops.ports.clock import Clock
from finops.ports.receiver import Receiver
from finops.ports.state import Outbox

LEASE = timedelta(minutes=2)
"""Longer than any receiver may take, shorter than anybody wants to wait after a crash."""

FOLD_AFTER = timedelta(hours=1)
"""A receiver that took nothing for so long gets one digest of all that waits. Not sooner: a message that a receiver may
have taken without a word keeps its key through the first tries, so that the receiver can drop the repeat."""

MOST_MESSAGES_A_ROUND = 50
"""For one receiver: the next round is near, and a stop is not held up."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message sent or not. ``text``: the receiver's answer or the error, without secrets."""

    receiver: str
    message_id: str
    notices: int
    outcome: DeliveryOutcome
    text: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Every attempt of one round. ``store_errors``: the outbox itself could not be reached."""

    attempts: tuple[Attempt, ...] = ()
    store_errors: tuple[FinopsError, ...] = ()


class Deliverer:
    """Delivers the due messages of one receiver one after another; rounds of different receivers may run side by side.

    A failure ends the round, so that a receiver that hangs costs one time-out a round; the message waits for its
    backoff while others of the receiver come first. A refusal parks the message and goes on.
    Two deliverers on one outbox never hold the same message at once: each claims it under a lease.
    """

    def __init__(
        self,
        outbox: Outbox,
        receivers: Mapping[str, Receiver],
        clock: Clock,
        *,
        random: Random,
        backoff: Backoff | None = None,
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        """``may_send``: asked right before each message is sent. False: the claim is left to its lease, because this
        process was stopped meanwhile and another one may deliver."""
        self._outbox = outbox
        self._receivers = receivers
        self._clock = clock
        self._attempts = Attempts(clock, random, backoff or Backoff())
        self._may_send = may_send
        self._stopping = Event()

    def due_receivers(self) -> Sequence[str]:
        """Who has a message that may be sent now. Raises what the outbox raises."""
        return self._outbox.due_receivers(self._clock.now())

    def deliver(self, receiver: str) -> DeliveryReport:
        """One round over everything that is due to ``receiver``.

        Never raises for the receiver's fault, nor for a ``FinopsError`` of the outbox: what could not be marked is sent
        again when its lease ends, under the same key.
        """
        attempts: list[Attempt] = []
        known = self._receivers.get(receiver)
        limit = known.most_notices if known is not None else None
        try:
            while len(attempts) < MOST_MESSAGES_A_ROUND and not self._stopping.is_set():
                now = self._clock.now()
                claim = self._outbox.claim(
                    receiver, now=now, lease_until=now + LEASE, fold_before=now - FOLD_AFTER, most_notices=limit
                )
                if claim is None or not self._may_send():
                    break
                attempts.append(self._attempt(claim))
                if attempts[-1].outcome is DeliveryOutcome.FAILED:
                    break
        except FinopsError as error:
            return DeliveryReport(tuple(attempts), (error,))
        return DeliveryReport(tuple(attempts))

    def stop(self) -> None:
        """Ends running rounds after the message in hand; later rounds send nothing."""
        self._stopping.set()

    def _attempt(self, claim: Claim) -> Attempt:
        ended = self._attempts.make(lambda: self._send(claim), number=claim.attempt, written_at=claim.created_at)
        match ended.outcome:
            case DeliveryOutcome.DELIVERED:
                self._outbox.delivered(claim, at=self._clock.now(), answer=ended.text)
            case DeliveryOutcome.PARKED:
                self._outbox.parked(claim, at=self._clock.now(), error=ended.text)
            case DeliveryOutcome.FAILED:
                assert ended.again_at is not None  # noqa: S101 - what failed is retried
                self._outbox.failed(claim, error=ended.text, again_at=ended.again_at)
        return Attempt(claim.receiver, claim.message_id, len(claim.notices), ended.outcome, ended.text)

    def _send(self, claim: Claim) -> str:
        receiver = self._receivers.get(claim.receiver)
        if receiver is None:
            # perhaps only this replica's configuration is behind: the message waits as for a receiver that is down
            what = f"no receiver '{claim.receiver}' is configured"
            raise DeliveryFailed(what, where="finops.yaml", remedy="Declare it under receivers:")
        return receiver.send(claim.notices, idempotency_key=claim.message_id)
