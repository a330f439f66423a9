"""Everything that one configuration makes: jobs, what is published, and the application that answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from starlette.types import ASGIApp

from finops.alert.deliver import Deliverer
from finops.app.container import Container
from finops.app.exporters import metrics_exporter, pages_exporter
from finops.app.runbooks import runbook_documents
from finops.errors import FinopsError
from finops.model.operations import EVALUATE, Operations
from finops.ports.clock import Monotonic, since_boot
from finops.ports.receiver import Receiver
from finops.service import wiring
from finops.service.collection import CollectionJobs
from finops.service.deadline import BoundedReceiver, within
from finops.service.delivery import DeliveryJobs
from finops.service.jobs import Job, Jobs, Run
from finops.service.leadership import Leading
from finops.service.liveness import Liveness
from finops.service.requested import RequestedWork
from finops.service.statement_delivery import StatementSender
from finops.service.upkeep import nightly, upkeep_job
from finops.web.edge.access import Access
from finops.web.edge.auth_middleware import Edge
from finops.web.edge.refusals import Refusals
from finops.web.edge.same_origin import Site
from finops.web.edge.sign_ins import SignIns
from finops.web.lazy import LazyApp
from finops.web.published import PublishedState
from finops.web.publisher import Publisher

log = structlog.get_logger("finops.service")

REFRESH = timedelta(seconds=5)
"""How soon pages and metrics show sources, outbox and a follower the leader's new snapshot."""

WATCH = timedelta(seconds=10)
"""How soon a new version of the lake, changed policies or changed rates are noticed."""

STATEMENTS = timedelta(minutes=10)
"""How soon a statement goes out on its day, and how soon one that failed may be tried again."""

READ_DEADLINE = timedelta(minutes=1)
EVALUATION_DEADLINE = timedelta(minutes=30)
STATEMENT_DEADLINE = timedelta(minutes=30)
HISTORY_DEADLINE = timedelta(hours=2)
RADAR_DEADLINE = timedelta(minutes=30)

CLOCK_STEP = timedelta(seconds=30)
"""A wall clock that moved so much against the monotonic one has been set."""

CLOSE_SECONDS = 2.0

COLLECTIONS_LOOK_SECONDS = 0.2


class Replica:
    """Only the leader collects, evaluates and delivers; every replica serves what is published."""

    def __init__(
        self, container: Container, *, monotonic: Monotonic = since_boot, refusals: Refusals | None = None
    ) -> None:
        """Checks what is quick to check. ``refusals``: of the server in front. Raises ``FinopsError``."""
        config, state, random = container.config, container.state, Random()  # noqa: S311 - jitter
        receivers: Mapping[str, Receiver] = {
            name: BoundedReceiver(receiver) for name, receiver in container.receivers().items()
        }
        self.container = container
        self._monotonic = monotonic
        self._refusals = refusals or Refusals()
        self.board = PublishedState()
        self._reload_error = ""
        self._refreshed: tuple[Operations, datetime | None] | None = None
        self._clock_offset = self._offset()
        self._stopping = threading.Event()
        self.liveness = Liveness(monotonic, config.evaluate_every)
        self.jobs = Jobs(container.clock, monotonic, random)
        self.leading = Leading(state.leader, gained=self._catch_up, asked=self.liveness.ticked)
        self.liveness.watch(leads=self._leads, beat=lambda: self.jobs.beat, lost=lambda: self.leading.lost)
        self._publisher = Publisher(
            self.board, metrics_exporter(), pages_exporter(), container.profiles, runbook_documents()
        )
        self._operations_reader = wiring.operations_reader(container)
        self._evaluations = wiring.evaluations(container, self._publisher, self._operations)
        self._history = wiring.history_filling(container, self._stopping.is_set)
        deliverer = Deliverer(state.outbox, receivers, container.clock, random=random, may_send=state.leader.holds)
        self._deliveries = DeliveryJobs(deliverer, list(receivers), leads=self._leads, soon=self.jobs.soon)
        self.collections = CollectionJobs(
            container.collectors,
            wiring.intervals(config),
            leads=self._leads,
            changed=partial(self.jobs.soon, EVALUATE),
        )
        self._requested = RequestedWork(state.requested_jobs, leads=self._leads, soon=self.jobs.soon)
        self._statements = wiring.statement_senders(container, receivers, random)
        self._sign_ins = SignIns(self._refusals)
        access = Access.of(config.http.auth, config.base, self._sign_ins)
        self._lazy = LazyApp(self._make_app)
        self.app = Edge(self._lazy, self.board, access, Site.of(config.http.external_url), self._refusals)

    def check(self) -> None:
        """The rest of what can be wrong before any work begins: a thousand policies take seconds to read.

        Raises ``FinopsError``.
        """
        self.container.evaluator.load()
        self.container.settings.read()

    def show(self) -> None:
        """Publishes what an earlier run has stored. What cannot be reached now is asked again and again later."""
        try:
            self._publisher.publish(None, self._operations(""))
            if self._evaluations.follow():
                self.liveness.shown()
            self.leading.renew()
            self._refresh()
        except FinopsError as error:
            log.error("state or lake unavailable", error=str(error))

    def prepare(self) -> None:
        """Makes the application, which takes a while to import, and checks everything. Raises ``FinopsError``."""
        self._lazy.prepare()
        self.check()
        self._publisher.prepare_pages()

    def start(self) -> None:
        """Begins to work."""
        config, container = self.container.config, self.container
        self.leading.renew()  # before there are jobs, or those that ran in vain would run once more
        for job in (
            self.leading.job(),
            Job("refresh", self._refresh_job, REFRESH, READ_DEADLINE),
            *map(self._requested.answering, (*self.collections.jobs(), self._evaluation_job())),
            self._requested.job(),
            *self._deliveries.jobs(),
            Job("watch", self._watch, WATCH, READ_DEADLINE, first=WATCH),
            *(_statement_job(sender, self._leads) for sender in self._statements),
            Job(
                "history",
                self._fill_history,
                None,
                HISTORY_DEADLINE,
                first=None,
                calendar=nightly(config.timezone, minute=47),
            ),
            Job("radar", self._scan, None, RADAR_DEADLINE, first=None, calendar=nightly(config.timezone, minute=32)),
            upkeep_job(container.state, container.lake, keep=config.audit, timezone=config.timezone, leads=self._leads),
        ):
            self.jobs.add(job)
            log.info("scheduled", job=job.name, every_seconds=job.every.total_seconds() if job.every else None)
        self.jobs.start()

    def _evaluation_job(self) -> Job:
        every = self.container.config.evaluate_every
        return Job(EVALUATE, self._evaluate, every, EVALUATION_DEADLINE, overdue=self._given_up)

    def finish_collections(self, stopping: threading.Event) -> None:
        """Begins no further collection and waits for those that run, at most until their deadlines or ``stopping``;
        everything else goes on meanwhile."""
        self.collections.pause()
        if self.collections.collecting:
            log.info("reloading after the running collections", waiting_for=self.collections.collecting)
        while self.collections.collecting and not stopping.wait(COLLECTIONS_LOOK_SECONDS):
            pass

    def stop(self, timeout_seconds: float) -> None:
        """Ends what runs, or leaves it behind unable to write; gives the lead up."""
        log.info("stopping", waiting_for=self.collections.collecting)
        self._stopping.set()
        self._deliveries.stop()
        left = self.jobs.stop(timeout_seconds)
        if left:
            log.warning("left behind", jobs=left)
        try:
            within(CLOSE_SECONDS, self._let_go, where="releasing leadership")
        except FinopsError as error:
            log.warning("leadership could not be released; it expires", error=str(error))

    def _let_go(self) -> None:
        self.container.state.leader.resign()
        self._record_failed_sign_ins()

    def reload_failed(self, error: str) -> None:
        """Shown until a reload succeeds."""
        self._reload_error = error
        try:
            self._refresh()
        except FinopsError as unreachable:
            log.error("state or lake unavailable", error=str(unreachable))

    def _make_app(self) -> ASGIApp:
        from finops.web.application import api_of  # noqa: PLC0415 - FastAPI takes half a second to import

        key = self.container.state.keys.signing_key
        return api_of(self.board, self.container, signing_key=key, health=self.liveness, requested=self._refresh)

    def _leads(self) -> bool:
        return self.leading.now

    def _catch_up(self) -> None:
        """What fell due while nobody led runs now, once."""
        self.liveness.evaluated()  # its bound begins now
        if not self.jobs.is_started:
            return
        for name in (*self.collections.due(), EVALUATE):
            self.jobs.soon(name)

    def _evaluate(self, run: Run) -> bool | None:
        if not self._leads():
            return None
        try:
            if self.collections.is_first():
                return None
            snapshot = self._evaluations.evaluate(run.check)
        except FinopsError as error:
            run.check()
            log.error("evaluation failed", error=str(error))
            return False
        finally:
            if not run.is_abandoned:
                self.liveness.evaluated()
        self._deliveries.want()
        if snapshot is None:
            return False
        self.liveness.shown()
        if self._history.is_wanted(snapshot):
            self.jobs.soon("history")
        if self._evaluations.wants_radar:
            self.jobs.soon("radar")
        return True

    def _scan(self, run: Run) -> None:
        if not self._leads():
            return
        self._evaluations.scan(run.check)
        self.jobs.soon(EVALUATE)

    def _given_up(self) -> None:
        self._evaluations.give_up(f"it is still running after {EVALUATION_DEADLINE.total_seconds():g} seconds")

    def _watch(self, run: Run) -> None:
        if not self._leads():
            return
        stepped = self._clock_stepped()
        try:
            changed = self._evaluations.inputs_changed()
        except FinopsError as error:
            log.debug("the inputs of an evaluation cannot be read", error=str(error))  # evaluating says so
            changed = False
        run.check()
        if stepped or changed:
            self.jobs.soon(EVALUATE)

    def _clock_stepped(self) -> bool:
        """What a calendar says has changed at once: days, months, what is due."""
        before, self._clock_offset = self._clock_offset, self._offset()
        step = self._clock_offset - before
        if abs(step) < CLOCK_STEP:
            return False
        log.warning("the machine's clock has been set", seconds=round(step.total_seconds()))
        for name in self.collections.due():
            self.jobs.soon(name)
        return True

    def _offset(self) -> datetime:
        """The wall clock's moment at the monotonic clock's zero: the same as long as nobody sets the clock."""
        return self.container.clock.now() - timedelta(seconds=self._monotonic())

    def _refresh_job(self, run: Run) -> None:
        try:
            if not self._leads() and self._evaluations.follow():
                self.liveness.shown()
            run.check()
            self._record_failed_sign_ins()
            self._refresh()
        except FinopsError as error:
            log.error("state or lake unavailable", error=str(error))
            self._show_unavailable(f"{error.what}. {error.remedy}")

    def _show_unavailable(self, error: str) -> None:
        """The newest that is known stays on the pages, and they say that it is not kept up."""
        if self._refreshed is None:
            return
        shown = replace(self._refreshed[0], leader=False, evaluation_error=error)
        if (shown, None) != self._refreshed:
            self._refreshed = shown, None
            self._publisher.refresh(shown)

    def _record_failed_sign_ins(self) -> None:
        if entries := self._sign_ins.unrecorded(self.container.clock.now()):
            self.container.state.audit.record(entries)

    def _refresh(self) -> None:
        operations = self._operations(self._evaluations.error)
        # pages say who knows of an alert, and another process may have been told so
        shown = operations, self.container.state.alerts.last_change()
        if shown != self._refreshed:
            self._refreshed = shown
            self._publisher.refresh(operations)

    def _fill_history(self, run: Run) -> None:
        snapshot = self.board.current.snapshot if self.board.current else None
        if self._leads() and snapshot is not None and self._history.fill(snapshot, run.check):
            self._publisher.refresh(self._operations(self._evaluations.error))  # pages that were kept are made anew

    def _operations(self, evaluation_error: str) -> Operations:
        return self._operations_reader.read(
            leader=self._leads(),
            collecting=self.collections.collecting,
            evaluation_error=evaluation_error,
            overdue=self.jobs.overdue,
            reload_error=self._reload_error,
            policy_faults=self._evaluations.policy_faults,
            lake_faults=self._evaluations.lake_faults,
            http_refused=self._refusals.counts(),
        )


def _statement_job(sender: StatementSender, leads: Callable[[], bool]) -> Job:
    def work(run: Run) -> None:
        if leads():
            sender.send_due(run.check)

    return Job(f"statement {sender.order.name}", work, STATEMENTS, STATEMENT_DEADLINE)
