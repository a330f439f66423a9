"""The jobs that deliver: one for each receiver, so that one that hangs keeps no other waiting, and no evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import structlog

from finops.alert.deliver import Deliverer, DeliveryReport
from finops.errors import FinopsError
from finops.model.message import DeliveryOutcome
from finops.service.jobs import Job, Run

log = structlog.get_logger("finops.service")

EVERY = timedelta(seconds=5)
"""How soon a message goes out that waited for its back-off."""

DEADLINE = timedelta(seconds=30)
ROUND_DEADLINE = timedelta(hours=1)
"""Fifty messages, each of which has a deadline of its own."""

_OTHERS = "deliver to receivers that are not configured"


class DeliveryJobs:
    """``receivers``: the configured ones. ``leads``: only then anything is sent. ``soon``: runs a job now."""

    def __init__(
        self, deliverer: Deliverer, receivers: Sequence[str], *, leads: Callable[[], bool], soon: Callable[[str], None]
    ) -> None:
        self._deliverer = deliverer
        self._receivers = receivers
        self._leads = leads
        self._soon = soon

    def jobs(self) -> Iterator[Job]:
        yield Job("deliveries", self._start_rounds, EVERY, DEADLINE)
        for name in self._receivers:
            yield Job(f"deliver to {name}", partial(self._deliver, [name]), None, ROUND_DEADLINE, first=None)
        yield Job(_OTHERS, self._deliver_to_others, None, ROUND_DEADLINE, first=None)

    def want(self) -> None:
        """Messages may have been written."""
        self._soon("deliveries")

    def stop(self) -> None:
        self._deliverer.stop()

    def _start_rounds(self, run: Run) -> None:
        if not self._leads():
            return
        for name in self._due(run):
            self._soon(f"deliver to {name}" if name in self._receivers else _OTHERS)

    def _deliver_to_others(self, run: Run) -> None:
        self._deliver([name for name in self._due(run) if name not in self._receivers], run)

    def _deliver(self, receivers: Sequence[str], run: Run) -> None:
        for name in receivers:
            if self._leads() and not run.is_abandoned:
                _tell(self._deliverer.deliver(name))

    def _due(self, run: Run) -> Sequence[str]:
        try:
            due = self._deliverer.due_receivers()
        except FinopsError as error:
            log.error("the outbox is unavailable", error=str(error))
            return ()
        run.check()
        return due


def _tell(report: DeliveryReport) -> None:
    for error in report.store_errors:
        log.error("the outbox is unavailable", error=str(error))
    for attempt in report.attempts:
        facts = {"receiver": attempt.receiver, "message": attempt.message_id, "notices": attempt.notices}
        if attempt.outcome is DeliveryOutcome.DELIVERED:
            log.info("delivered", **facts, answer=attempt.text)
        else:
            log.warning(attempt.outcome.value, **facts, error=attempt.text)
