"""What a client owes its connection, and by when; how many connections there may be. uvicorn bounds neither.

When there are too many, those that wait for their client are closed first, so that a thousand silent connections keep
nobody from ``/healthz`` and ``/metrics``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from finops.app.listening import BACKLOG
from finops.web.edge.body_limit import MOST_BYTES
from finops.web.edge.refusals import Refusal, Refusals, network_of
from finops.web.protocol.problem import refusal

_log = structlog.get_logger(__name__)


_CLOSE_SECONDS = 5.0
_SLOWEST_BYTES_PER_SECOND = 16 * 1024
_FEWEST_CONNECTIONS = 8

_ANSWERS = {
    Refusal.CONNECTIONS: (503, "Too many connections are open. Try again in a moment."),
    Refusal.CONNECTIONS_PER_ADDRESS: (503, "Too many connections are open from this address. Close some."),
    Refusal.HEADER_SIZE: (431, "The headers of this request are too long."),
    Refusal.HEADER_COUNT: (431, "This request has too many headers."),
    Refusal.HEADER_TIME: (408, "The headers of this request took too long to arrive."),
    Refusal.BODY_SIZE: (413, f"The body has more than {MOST_BYTES:,} bytes."),
    Refusal.BODY_TIME: (408, "The body of this request took too long to arrive."),
    Refusal.PIPELINE: (429, "Too many requests were sent without waiting for their responses."),
    Refusal.MALFORMED: (400, "This is not a valid HTTP request."),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """``connections``, ``per_address`` (an IPv6 /64 counts as one address): open at once. ``send_seconds``: without
    the client reading, beside the time that 16 KiB/s would need for what is waiting."""

    connections: int = 512
    per_address: int = 128
    header_bytes: int = 32 * 1024
    headers: int = 100
    header_seconds: float = 10.0
    body_bytes: int = MOST_BYTES
    body_seconds: float = 30.0
    send_seconds: float = 30.0
    idle_seconds: int = 75
    """Longer than the usual scrape interval: a connection closed just as the next scrape begins is a failed scrape."""
    pipelined: int = 16


class Connections:
    """All that are open; used by the server's loop only."""

    def __init__(self, limits: Limits, refusals: Refusals) -> None:
        self.limits = _within_open_files(limits)
        self.refusals = refusals
        self._open: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def admit(self, connection: Connection) -> Refusal | None:
        """Makes room by closing a connection that waits for its client; the reason where every one is at work."""
        own = self._open.get(connection.address, {})
        if len(own) >= self.limits.per_address:
            crowded, reason = [own], Refusal.CONNECTIONS_PER_ADDRESS
        elif len(self) >= self.limits.connections:
            crowded, reason = sorted(self._open.values(), key=len, reverse=True), Refusal.CONNECTIONS
        else:
            crowded, reason = [], None
        if reason is not None:
            victim = next((found for group in crowded if (found := _longest_waiting(group))), None)
            if victim is None:
                return reason
            victim.drop(reason)
        self._open.setdefault(connection.address, {})[connection] = None
        return None

    def forget(self, connection: Connection) -> None:
        own = self._open.get(connection.address, {})
        own.pop(connection, None)
        if not own:
            self._open.pop(connection.address, None)


class Connection(HttpToolsProtocol):
    """One client's. Between two messages of its client it has a deadline, whatever arrives in between."""

    def __init__(
        self,
        pool: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._pool = pool
        self._limits = pool.limits
        self.address = ""
        self.answered = 0
        self.waiting_since: float | None = None
        """When it began to wait for its client; None while the service is at work for it."""
        self._in_headers, self._in_body = True, False
        self._header_bytes = self._headers = self._body_bytes = self._unparsed = 0
        self._owed: Refusal | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refused: Refusal | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        self.address = network_of(self.client[0]) if self.client else ""
        if (reason := self._pool.admit(self)) is None:
            self._wait()
        else:
            self._refuse(reason)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.forget(self)
        self._owe(None)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused is not None:
            return
        self._unset_keepalive_if_required()
        began_in_headers = self._in_headers
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.cycle.keep_alive = False  # answered as if it had not asked; what follows may be no HTTP
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.reason if isinstance(cause, _Excess) else Refusal.MALFORMED)
            return
        if not self._in_body and self._is_answered:
            self._in_headers = True  # blank lines count as the beginning of a request
        self._unparsed = self._unparsed + len(data) if began_in_headers and self._in_headers else 0
        if self._unparsed > self._limits.header_bytes:
            self._refuse(Refusal.HEADER_SIZE)
        else:
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if len(self.pipeline) >= self._limits.pipelined:
            raise _Excess(Refusal.PIPELINE)
        self._owe(None)
        self._in_headers = True
        self._header_bytes = self._headers = self._body_bytes = self._unparsed = 0

    def on_url(self, url: bytes) -> None:
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers += 1
        if self._headers > self._limits.headers:
            raise _Excess(Refusal.HEADER_COUNT)
        self._count_header(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_headers, self._in_body = False, True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > 2 * self._limits.body_bytes:  # a handler that reads it has refused it before, in its form
            raise _Excess(Refusal.BODY_SIZE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.answered += 1
        self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait()

    def drop(self, reason: Refusal) -> None:
        """Closes it without a word: its place is needed."""
        self._pool.refusals.add(reason, self.address)
        self._end()
        self.transport.abort()

    @property
    def _is_answered(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and not self.pipeline

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._limits.header_bytes:
            raise _Excess(Refusal.HEADER_SIZE)

    def _wait(self) -> None:
        """Sets the deadline for what the client owes now."""
        if self._refused is not None:
            return
        if self.flow.write_paused:
            self._owe(Refusal.SEND_TIME)
        elif self._in_body:
            self._owe(Refusal.BODY_TIME)
        elif self._in_headers:
            self._owe(Refusal.HEADER_TIME)
        else:
            self._owe(None)
            self.waiting_since = self.loop.time() if self._is_answered else None

    def _owe(self, owed: Refusal | None) -> None:
        if owed is self._owed:
            return
        self._owed = owed
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if owed is not None:
            self.waiting_since = self.loop.time()
            self._timer = self.loop.call_later(self._seconds(owed), self._refuse, owed)

    def _seconds(self, owed: Refusal) -> float:
        if owed is Refusal.SEND_TIME:
            waiting_bytes = self.transport.get_write_buffer_size()
            return self._limits.send_seconds + waiting_bytes / _SLOWEST_BYTES_PER_SECOND
        return self._limits.header_seconds if owed is Refusal.HEADER_TIME else self._limits.body_seconds

    def _refuse(self, reason: Refusal) -> None:
        """Answers where an answer can still be told from others, and closes."""
        if self._owed is Refusal.HEADER_TIME is reason and not self._unparsed:
            self._end()  # it never said anything: browsers open connections in advance
            self.transport.close()
            return
        self._pool.refusals.add(reason, self.address)
        can_answer = self._is_answered if not self._in_body else not (self.cycle.response_started or self.pipeline)
        self._end(reason)
        if not can_answer or reason not in _ANSWERS:
            self.transport.abort()
            return
        status, sentence = _ANSWERS[reason]
        answer = refusal("", status, sentence, [(b"connection", b"close")])
        fields = b"".join(b"%b: %b\r\n" % field for field in answer.headers)
        self.transport.write(b"HTTP/1.1 %d \r\n%b\r\n%b" % (answer.status, fields, answer.body))
        self.transport.close()
        self._timer = self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)  # the client may never read it

    def _end(self, reason: Refusal = Refusal.CONNECTIONS) -> None:
        """Nothing more is read, and no request that is still at work can answer."""
        self._refused = reason
        self._pool.forget(self)
        self._owe(None)
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()


class _Excess(Exception):
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


def _longest_waiting(group: Iterable[Connection]) -> Connection | None:
    """Of those that wait for their client; one that was never answered goes before one that scrapes."""
    waiting = [connection for connection in group if connection.waiting_since is not None]
    return min(waiting, key=lambda one: (one.answered > 0, one.waiting_since), default=None)


def _within_open_files(limits: Limits) -> Limits:
    """At most half of the files that the process may open are connections; lake, state and calls to others have the
    rest. Raises the process's soft limit where it is too low for that."""
    if sys.platform == "win32":
        return limits
    import resource  # noqa: PLC0415 - Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * (limits.connections + BACKLOG)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
        soft = raised
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    connections = max(_FEWEST_CONNECTIONS, soft // 2 - BACKLOG)
    _log.warning("http.fewer_connections", connections=connections, wanted=limits.connections, open_files=soft)
    return replace(limits, connections=connections, per_address=min(limits.per_address, connections))
