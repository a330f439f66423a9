"""What keeps state and lake small."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.cron import CronTrigger

from finops.errors import FinopsError
from finops.ports.lake import Lake
from finops.service.jobs import Job, Run
from finops.state import State

log = structlog.get_logger("finops.service")

AFTER_START = timedelta(minutes=10)
"""Not at once, when everything else begins; but a service that is restarted every day must get to it too."""

DEADLINE = timedelta(hours=2)


def nightly(timezone: ZoneInfo, *, minute: int) -> CronTrigger:
    """At three in the morning of the configured days, when nobody waits for anything."""
    return CronTrigger(hour=3, minute=minute, timezone=timezone)


def upkeep_job(state: State, lake: Lake, *, keep: timedelta, timezone: ZoneInfo, leads: Callable[[], bool]) -> Job:
    """Forgets what is older than ``keep``: the audit time."""

    def work(run: Run) -> bool | None:
        if not leads():
            return None
        try:
            pruned = state.prune(keep=keep)
            run.check()
            removed = lake.vacuum(keep=keep)
        except FinopsError as error:
            log.error("upkeep failed", error=str(error))
            return False
        log.info("upkeep", pruned=str(pruned), vacuumed=list(removed))
        return True

    return Job("upkeep", work, None, DEADLINE, first=AFTER_START, calendar=nightly(timezone, minute=17))
