"""Whether the process does its work: what ``/healthz`` and ``/readyz`` say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from finops.model.operations import evaluation_bound
from finops.ports.clock import Monotonic

RUNNER_SECONDS = 30.0
TICK_SECONDS = 60.0
"""Within these, the runner looks at its jobs and the lease is asked for, whatever hangs beside them."""


class Liveness:
    """``finops.web.health.Health``. All ages are measured on the monotonic clock; a wrong wall clock hides nothing."""

    def __init__(self, monotonic: Monotonic, evaluate_every: timedelta) -> None:
        self._monotonic = monotonic
        self._bound = evaluation_bound(evaluate_every).total_seconds()
        self._leads: Callable[[], bool] = lambda: False
        self._beat: Callable[[], float] = monotonic
        self._lost: Callable[[], str] = lambda: ""
        self._ticked_at = self._evaluated_at = self._shown_at = monotonic()

    def watch(
        self, *, leads: Callable[[], bool], beat: Callable[[], float], lost: Callable[[], str] = lambda: ""
    ) -> None:
        """``beat``: when the runner last looked at its jobs. ``lost``: why the state must not be gone on with."""
        self._leads, self._beat, self._lost = leads, beat, lost

    def ticked(self) -> None:
        self._ticked_at = self._monotonic()

    def evaluated(self) -> None:
        """An evaluation has ended, however."""
        self._evaluated_at = self._monotonic()

    def shown(self) -> None:
        """A new evaluation is public."""
        self._shown_at = self._monotonic()

    def dead(self) -> str:
        now = self._monotonic()
        if now - self._beat() > RUNNER_SECONDS:
            return f"the scheduler has not run for {now - self._beat():.0f} seconds"
        if now - self._ticked_at > TICK_SECONDS:
            return f"leadership has not been checked for {now - self._ticked_at:.0f} seconds"
        if self._leads() and now - self._evaluated_at > self._bound:
            return (
                f"no evaluation has ended for {now - self._evaluated_at:.0f} seconds, expected every {self._bound:.0f}"
            )
        return ""

    def stale(self) -> str:
        """A lost state is told here and not by ``dead``: a restart would begin with an empty one."""
        if lost := self._lost():
            return lost
        age = self._monotonic() - self._shown_at
        if age > self._bound:
            return f"no new evaluation for {age:.0f} seconds, expected within {self._bound:.0f}"
        return self.dead()
