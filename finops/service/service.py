"""``finops run``: schedule, evaluation, alerts and HTTP in one process."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from starlette.types import ASGIApp

from finops.alert.deliver import Deliverer
from finops.app.collection.all import WRITERS
from finops.app.collection.series import SeriesCollected, collect_demand, collect_emissions
from finops.app.collection.source import collect
from finops.app.container import Container
from finops.app.exporters import metrics_exporter, pages_exporter
from finops.app.runbooks import runbook_documents
from finops.errors import FinopsError
from finops.model.message import DeliveryOutcome
from finops.model.operations import Operations
from finops.ports.receiver import Receiver
from finops.service.schedule import Job, Schedule
from finops.service.wiring import history_filling, operations_reader, statement_sender, verdicts
from finops.web.edge.access import Access
from finops.web.edge.auth_middleware import Edge
from finops.web.edge.same_origin import Site
from finops.web.lazy import LazyApp
from finops.web.listen import check_listen
from finops.web.published import PublishedState
from finops.web.publisher import Publisher
from finops.web.server import HttpServer

log = structlog.get_logger("finops.service")

_TICK = timedelta(seconds=5)
"""How soon a message goes out, a lost lead is noticed, a replica shows a new snapshot."""

_UPKEEP = timedelta(days=1)
_UPKEEP_AFTER_START = timedelta(minutes=10)
"""Not at once, when everything else begins; but a service that is restarted every day must get to it too."""

_STATEMENTS = timedelta(minutes=10)
"""How soon a statement goes out on its day, and how soon one that failed may be tried again."""

_OTHER_SLOW_JOBS = 3
"""Upkeep, statements, histories. Every collection has a thread of its own, so that no slow source delays another."""


class Service:
    """Everything that runs. Only the leader collects, evaluates and delivers; every replica serves."""

    def __init__(self, container: Container) -> None:
        """Checks what is quick to check. Raises ``FinopsError``."""
        config = container.config
        host, port = check_listen(config.http.listen, config.http.auth)
        access = Access.of(config.http.auth, config.base)
        self._receivers: Mapping[str, Receiver] = container.receivers()
        self._container = container
        self._leads = False
        self._shown: tuple[Operations, datetime | None] | None = None
        self._collecting: set[str] = set()
        self._wanted = threading.Event()
        self._board = board = PublishedState()
        self._operations_reader = operations_reader(container)
        self._stopping = threading.Event()
        self._history = history_filling(container, self._stopping.is_set)
        self._publisher = Publisher(
            board, metrics_exporter(), pages_exporter(), container.profiles, runbook_documents()
        )
        self._verdicts = verdicts(container, self._publisher, self._operations)
        self._deliverer = Deliverer(container.state.outbox, self._receivers, container.clock, random=random.Random())  # noqa: S311 - jitter
        self._statements = statement_sender(container, self._receivers, random.Random())  # noqa: S311 - jitter
        count = len(container.sources) + len(container.demand) + len(container.emissions)
        self._schedule = Schedule(container.clock, threads=count + _OTHER_SLOW_JOBS)
        self._writing = threading.Semaphore(WRITERS)
        self._app = LazyApp(self._make_app)
        edge = Edge(self._app, board, access, Site.of(config.http.external_url))
        self._server = HttpServer(edge, host=host, port=port)
        self._starting = threading.Thread(target=self._start, name="start")
        self._refused: BaseException | None = None

    @property
    def url(self) -> str:
        return self._server.url

    def check(self) -> None:
        """The rest of what can be wrong before any work begins: a thousand policies take seconds to read.

        Raises ``FinopsError``.
        """
        self._container.policies.load()
        self._container.settings.read()

    def run(self) -> None:
        """Serves until ``stop``. The last snapshot is public at once; everything else begins behind it.

        Raises what ``check`` raises: then nothing was collected, evaluated or delivered.
        """
        self._publisher.publish(None, self._operations(""))
        self._verdicts.follow()
        self._tick(deliver=False)  # a receiver that hangs must not keep pages and metrics waiting
        self._starting.start()
        log.info("serving", url=self.url, leader=self._leads)
        try:
            self._server.run()
        finally:
            log.info("stopping", waiting_for=sorted(self._collecting))
            self._stopping.set()
            self._deliverer.stop()
            self._starting.join()
            self._schedule.stop()
            log.info("stopped")
        if self._refused is not None:
            raise self._refused

    def _start(self) -> None:
        """In a thread of its own, while stored metrics are served already."""
        try:
            self._app.prepare()
            self.check()
            self._publisher.prepare_pages()
            if not self._stopping.is_set():
                self._plan()
                self._schedule.start()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that runs the service
            self._refused = error
            self.stop()

    def _make_app(self) -> ASGIApp:
        from finops.web.application import api_of  # noqa: PLC0415 - FastAPI takes half a second to import

        signing_key = self._container.state.keys.signing_key()
        return api_of(self._board, self._container, signing_key=signing_key, alive=self._alive)

    def stop(self) -> None:
        """May be called from a signal handler or another thread."""
        self._server.stop()

    def _plan(self) -> None:
        config, histories = self._container.config, self._container.state.collections.sources()
        for entry in config.sources:
            history = histories.get(entry.name)
            last = history.latest.started_at if history else None
            work = partial(self._collect, entry.name)
            self._schedule.add(Job(f"source {entry.name}", entry.every, work, last, slow=True))
        for series in config.demand:
            work = partial(self._read_demand, series.name)
            self._schedule.add(Job(f"demand {series.name}", series.every, work, slow=True))
        for entry in config.emissions:
            work = partial(self._read_emissions, entry.name)
            self._schedule.add(Job(f"emissions {entry.name}", entry.every, work, slow=True))
        self._schedule.add(Job("evaluate", config.evaluate_every, self._evaluate_wanted))
        self._schedule.add(Job("tick", _TICK, self._tick))
        if config.statements:
            self._schedule.add(Job("statements", _STATEMENTS, self._send_statements, slow=True))
        soon = self._container.clock.now() - _UPKEEP + _UPKEEP_AFTER_START
        self._schedule.add(Job("history", _UPKEEP, self._fill_history, self._container.clock.now(), slow=True))
        self._schedule.add(Job("upkeep", _UPKEEP, self._upkeep, soon, slow=True))
        self._wanted.set()

    def _collect(self, name: str) -> None:
        if not self._leads:
            return
        self._collecting.add(name)
        try:
            container = self._container
            collected = collect(container.sources[name], container.lake, container.clock, writing=self._writing)
            self._container.state.collections.record(collected.run)
            log.info(
                "collected",
                source=name,
                run=collected.run.run_id,
                outcome=collected.run.outcome.value,
                rows=collected.run.rows,
                seconds=round(collected.run.duration_seconds, 3),
            )
        except FinopsError as error:
            log.error("the collection could not be recorded", source=name, error=str(error))
        finally:
            self._collecting.discard(name)
            self._derive_demand()
            self._want_evaluation()

    def _derive_demand(self) -> None:
        """Series that are computed from the bills follow them, before the next evaluation."""
        for name in self._container.demand:
            if self._container.collectors.is_derived(name):
                self._read_demand(name)

    def _read_demand(self, name: str) -> None:
        if not self._leads:
            return
        self._note(collect_demand(self._container.demand[name], self._container.lake, self._container.clock))

    def _read_emissions(self, name: str) -> None:
        if not self._leads:
            return
        self._note(collect_emissions(self._container.emissions[name], self._container.lake, self._container.clock))

    def _note(self, collected: SeriesCollected) -> None:
        for note in collected.notes:
            log.warning("collected", name=collected.name, kind=collected.kind, note=note)
        if collected.version is not None:
            self._want_evaluation()

    def _want_evaluation(self) -> None:
        self._wanted.set()
        self._schedule.soon("evaluate")

    def _evaluate_wanted(self) -> None:
        """Runs on its interval and after collections; what is asked for during a run is done after it."""
        self._wanted.set()
        while self._leads and self._wanted.is_set() and not self._collecting_first():
            self._wanted.clear()
            snapshot = self._verdicts.evaluate()
            self._deliver()
            if snapshot is not None and self._history.is_wanted(snapshot):
                self._schedule.soon("history")

    def _collecting_first(self) -> bool:
        """Before a source's first collection has ended there is nothing to say about it."""
        return bool(self._collecting) and self._container.lake.version().costs is None

    def _tick(self, *, deliver: bool = True) -> None:
        """Leadership, waiting messages, and what pages and metrics say of the service itself."""
        try:
            self._lead_or_follow()
            if self._leads:
                if deliver:
                    self._deliver()
                if self._wanted.is_set() and self._schedule.running:
                    self._schedule.soon("evaluate")
            else:
                self._verdicts.follow()
            self._refresh()
        except FinopsError as error:
            log.error("state or lake cannot be reached", error=str(error))

    def _lead_or_follow(self) -> None:
        led = self._leads
        try:
            self._leads = self._container.state.leader.try_lead()
        except FinopsError:
            self._leads = False  # a lock that cannot be asked for is not held
            raise
        if self._leads != led:
            log.info("leading" if self._leads else "following")
        if self._leads and not led and self._schedule.running:
            self._catch_up()

    def _catch_up(self) -> None:
        """What fell due while nobody led runs now, once."""
        histories, now = self._container.state.collections.sources(), self._container.clock.now()
        for entry in self._container.config.sources:
            history = histories.get(entry.name)
            if history is None or history.latest.started_at + entry.every <= now:
                self._schedule.soon(f"source {entry.name}")
        for series in self._container.config.demand:
            self._schedule.soon(f"demand {series.name}")
        for entry in self._container.config.emissions:
            self._schedule.soon(f"emissions {entry.name}")

    def _refresh(self) -> None:
        operations = self._operations(self._verdicts.error)
        # pages say who knows of an alert, and another process may have been told so
        shown = operations, self._container.state.alerts.last_change()
        if shown != self._shown:
            self._shown = shown
            self._publisher.refresh(operations)

    def _deliver(self) -> None:
        report = self._deliverer.deliver_due()
        for error in report.store_errors:
            log.error("the outbox cannot be reached", error=str(error))
        for attempt in report.attempts:
            facts = {"receiver": attempt.receiver, "message": attempt.message_id, "notices": attempt.notices}
            if attempt.outcome is DeliveryOutcome.DELIVERED:
                log.info("delivered", **facts, answer=attempt.text)
            else:
                log.warning(attempt.outcome.value, **facts, error=attempt.text)

    def _send_statements(self) -> None:
        if self._leads:
            self._statements.send_due()

    def _fill_history(self) -> None:
        snapshot = self._board.current.snapshot if self._board.current else None
        if self._leads and snapshot is not None and self._history.fill(snapshot):
            self._publisher.refresh(self._operations(self._verdicts.error))  # pages that were kept are made anew

    def _upkeep(self) -> None:
        if not self._leads:
            return
        try:
            pruned = self._container.state.prune(keep=self._container.config.audit)
            removed = self._container.lake.vacuum(keep=self._container.config.audit)
            log.info("upkeep", pruned=str(pruned), vacuumed=list(removed))
        except FinopsError as error:
            log.error("upkeep failed", error=str(error))

    def _operations(self, evaluation_error: str) -> Operations:
        return self._operations_reader.read(
            leader=self._leads, collecting=tuple(self._collecting), evaluation_error=evaluation_error
        )

    def _alive(self) -> bool:
        return self._starting.is_alive() or self._schedule.alive
