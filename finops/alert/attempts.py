"""One attempt to deliver, and when a message that was not accepted is retried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from finops.errors import DeliveryRefused, FinopsError, Transient
from finops.model.message import DeliveryOutcome
from finops.model.wording import count_text
from finops.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Backoff:
    """``first`` doubles with each attempt up to ``longest``, then half of it is drawn at random ("equal jitter").

    A receiver's own wish (Retry-After) is honoured where it is longer, up to ``longest_wish``. After ``give_up_after``
    since the message was written, it is parked.
    Jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=30)
    longest_wish: timedelta = timedelta(hours=6)
    give_up_after: timedelta = timedelta(days=3)

    def delay(self, attempt: int, random: Random, *, wish_seconds: float | None = None) -> timedelta:
        """How long to wait after the ``attempt``-th try (from 1) failed."""
        doublings = min(attempt - 1, 30)  # 30 s doubled 30 times is a thousand years
        full = min(self.first * (1 << doublings), self.longest)
        delay = full / 2 + full / 2 * random.random()
        if wish_seconds is None:
            return delay
        # bounded before it becomes a timedelta, which holds no more than 10^9 days
        wish = min(max(wish_seconds, 0.0), self.longest_wish.total_seconds())
        return max(delay, timedelta(seconds=wish))


@dataclass(frozen=True, slots=True)
class Ended:
    """``text``: the receiver's answer or the error, without secrets. ``again_at``: of an attempt that failed."""

    outcome: DeliveryOutcome
    text: str
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts to deliver, of alerts and of statements alike."""

    clock: Clock
    random: Random
    backoff: Backoff = field(default_factory=Backoff)

    def make(self, send: Callable[[], str], *, number: int, written_at: datetime) -> Ended:
        """The ``number``-th attempt (from 1) at a message that was written then. Never raises what ``send`` raises."""
        try:
            return Ended(DeliveryOutcome.DELIVERED, send())
        except DeliveryRefused as error:
            return Ended(DeliveryOutcome.PARKED, str(error))
        except (
            FinopsError
        ) as error:  # a secret that is not set, say: an operator repairs it, the message is still wanted
            text, wish = str(error), error.retry_after_seconds if isinstance(error, Transient) else None
        except Exception as error:  # noqa: BLE001 - a fault in one receiver's code must not stop the others
            # its text is not shown: nobody has checked it for secrets
            text, wish = f"an error in the receiver's code ({type(error).__name__})", None
        now = self.clock.now()
        if now - written_at >= self.backoff.give_up_after:
            return Ended(DeliveryOutcome.PARKED, f"given up after {count_text(number, 'attempt')}: {text}")
        again_at = now + self.backoff.delay(number, self.random, wish_seconds=wish)
        return Ended(DeliveryOutcome.FAILED, text, again_at)
