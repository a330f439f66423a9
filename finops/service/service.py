"""``finops run``: one process that serves, works, reloads and stops."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from finops.app.container import Container
from finops.errors import BadArguments, FinopsError, fault_place
from finops.service.deadline import within
from finops.service.replica import CLOSE_SECONDS, Replica
from finops.web.edge.connections import Limits
from finops.web.edge.refusals import Refusals
from finops.web.server import HttpServer

log = structlog.get_logger("finops.service")

STOP_SECONDS = 9.0
"""After so long a stop is a hard one: nothing is half-written, whatever still hangs."""

JOBS_SECONDS = 4.0
REQUESTS_SECONDS = 2
SHOW_SECONDS = 5.0


class Service:
    """The process: one server, and the replica that the newest good configuration makes."""

    def __init__(self, container: Container, reopen: Callable[[], Container] | None = None) -> None:
        """Checks what is quick to check. ``reopen``: reads finops.yaml again. Raises ``FinopsError``."""
        http = container.config.http
        host, port = http.address
        self._reopen = reopen
        self._refusals = Refusals()
        self._replica = Replica(container, refusals=self._refusals)
        self._app = _Current(self._replica.app)
        self._server = HttpServer(
            self._app,
            host=host,
            port=port,
            graceful_seconds=REQUESTS_SECONDS,
            limits=Limits(http.max_connections, http.max_connections_per_address),
            refusals=self._refusals,
        )
        self._starting = threading.Thread(target=self._start, name="start", daemon=True)
        self._shown = threading.Event()
        self._stopping = threading.Event()
        self._reloading = threading.Lock()
        self._refused: BaseException | None = None

    @property
    def url(self) -> str:
        return self._server.url

    def check(self) -> None:
        """Raises ``FinopsError`` for what keeps it from working."""
        self._replica.check()

    def run(self) -> None:
        """Serves until ``stop``. The last snapshot is public at once; everything else begins behind it.

        Raises what ``check`` raises: then nothing was collected, evaluated or delivered.
        """
        self._starting.start()
        self._shown.wait(SHOW_SECONDS)  # or a server would answer for a moment that nothing is known
        log.info("serving", url=self.url, leader=self._replica.leading.now)
        try:
            self._server.run()
        finally:
            self._stopping.set()
            self._replica.stop(JOBS_SECONDS)
            _close(self._replica.container)
            log.info("stopped")
        if self._refused is not None:
            raise self._refused

    def stop(self) -> None:
        """May be called from a signal handler or another thread."""
        self._stopping.set()
        self._server.stop()

    def reload(self) -> None:
        """Reads finops.yaml and the policies again, beside what goes on. What is faulty changes nothing, and is told in
        the log, on every page and in metrics."""
        threading.Thread(target=self._reload, name="reload", daemon=True).start()

    def _start(self) -> None:
        """While stored metrics are served already."""
        try:
            try:
                self._replica.show()
            finally:
                self._shown.set()
            self._replica.prepare()
            if not self._stopping.is_set():
                self._replica.start()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that runs the service
            self._refused = error
            self.stop()

    def _reload(self) -> None:
        with self._reloading:
            old = self._replica
            try:
                new = self._opened()
            except FinopsError as error:
                log.error("reload failed; the previous configuration remains in use", error=str(error))
                old.reload_failed(str(error))
                return
            except Exception as error:  # as above, and no traceback reaches the log
                log.error("reload failed: internal error", fault=fault_place(error))
                log.debug("details", exc_info=True)
                old.reload_failed(f"internal error ({fault_place(error)})")
                return
            old.finish_collections(self._stopping)
            if self._stopping.is_set():
                _close(new.container)
                return
            old.stop(JOBS_SECONDS)
            self._replica, self._app.app = new, new.app
            new.start()
            _close(old.container)
            log.info("reloaded")

    def _opened(self) -> Replica:
        if self._reopen is None:
            raise BadArguments("this service has no finops.yaml to reload", where="reload", remedy="Restart it")
        container = self._reopen()
        try:
            was, http = self._replica.container.config.http, container.config.http
            for key in ("listen", "max_connections", "max_connections_per_address"):
                if getattr(was, key) != getattr(http, key):
                    raise BadArguments(
                        f"{key} changes only with a restart", where=f"http.{key}", remedy="Restart the service"
                    )
            replica = Replica(container, refusals=self._refusals)
            replica.prepare()
            replica.show()
        except BaseException:
            _close(container)
            raise
        return replica


def _close(container: Container) -> None:
    """In bounded time. An engine is left alone: the next container shares it."""
    with contextlib.suppress(FinopsError):
        within(CLOSE_SECONDS, container.state.close, where="closing the state")


class _Current:
    """The application of the newest good configuration."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def obey_signals(service: Service) -> None:
    """SIGTERM and SIGINT stop the service, SIGHUP reloads it."""

    def stop(_number: int, _frame: object) -> None:
        exit_within()
        service.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda _number, _frame: service.reload())


def exit_within(seconds: float = STOP_SECONDS) -> None:
    """Ends the process after so long, if it has not ended by itself. What the stores hold is whole at any moment."""
    timer = threading.Timer(seconds, _exit_now)
    timer.daemon = True
    timer.start()


def _exit_now() -> None:
    log.warning("some work is still running; exiting anyway")
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)
