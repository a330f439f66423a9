"""When a message that a receiver did not take is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random


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
