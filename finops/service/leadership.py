"""Whether this process leads: asked every few seconds, told at once to whoever needs to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from finops.errors import FinopsError, ReplacedStore
from finops.ports.state import Leadership
from finops.service.jobs import Job, Run

log = structlog.get_logger("finops.service")

EVERY = timedelta(seconds=5)
DEADLINE = timedelta(seconds=20)


class Leading:
    """``gained``: called after this process has become the leader. ``asked``: after each answer, or the lack of one."""

    def __init__(self, leadership: Leadership, *, gained: Callable[[], None], asked: Callable[[], None]) -> None:
        self._leadership = leadership
        self._gained = gained
        self._asked = asked
        self._leads = False
        self.lost = ""
        """Why the state must not be gone on with; empty where it is the one that was opened."""

    @property
    def now(self) -> bool:
        """False as well when the lease could not be renewed for a while, or this process did not run meanwhile."""
        return self._leads and self._leadership.holds()

    def renew(self, run: Run | None = None) -> bool:
        """Asks the database; whether it answered."""
        led = self._leads
        try:
            leads = self._leadership.try_lead()
        except FinopsError as error:
            self._leads = False  # a lease that cannot be renewed is not held
            self.lost = f"{error.what}. {error.remedy}" if isinstance(error, ReplacedStore) else ""
            log.error("state unavailable", error=str(error))
            return False
        if run is not None:
            run.check()
        self._leads, self.lost = leads, ""
        if leads != led:
            log.info("leading" if leads else "following")
            if leads:
                self._gained()
        return True

    def job(self) -> Job:
        return Job("leadership", self._renew, EVERY, DEADLINE)

    def _renew(self, run: Run) -> None:
        self.renew(run)
        self._asked()
