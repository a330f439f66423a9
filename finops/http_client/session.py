"""Requests that end in time, whatever the other side does.

A time-out of a socket bounds one read: a server that sends a byte every few seconds holds such a client for ever, and a
name that does not resolve is bounded by nothing. So requests run on an event loop in a thread of their own, where one
deadline cancels whatever is under way: resolving, connecting, TLS, sending, headers, body.
"""

from __future__ import annotations

import asyncio
import ssl
import weakref
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from finops.deferred import httpx
from finops.errors import AccessDenied
from finops.http_client.failures import compressed, connection_failure, timed_out

T = TypeVar("T")

LARGEST_BYTES = 64 * 2**20
"""Of a response whose reader sets no other limit."""

_CLOSING_SECONDS = 1.0


class BodyEnd(Enum):
    """Why the reading of an answer's body ended."""

    COMPLETE = "complete"
    TOO_LARGE = "too large"
    TIMED_OUT = "timed out"
    BROKEN = "connection broken"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with as much of its body as was wanted and came in time."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    end: BodyEnd

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class HttpSession:
    """Open connections, for any number of threads."""

    timeout_seconds: float
    _loop: asyncio.AbstractEventLoop = field(repr=False)
    _client: httpx.AsyncClient = field(repr=False)

    def request(
        self,
        method: str,
        url: str | httpx.URL,
        *,
        where: str,
        headers: Mapping[str, str],
        parameters: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        largest_bytes: int,
        reads_success: bool = True,
    ) -> Answer:
        """The answer, at the latest after ``timeout_seconds``. Redirects are not followed: credentials and messages are
        meant for the address that is configured.

        ``largest_bytes``: how much of the body is kept; ``reads_success=False``: the status of a success is enough.
        Raises ``Unreachable`` when no status came, ``RefusedBatch`` for a request that cannot be sent and for a
        compressed answer, which nobody asked for and which could grow without bounds.
        """
        request = self._client.build_request(
            method,
            url,
            headers={"Accept-Encoding": "identity", **headers},
            params=tuple(parameters) or None,
            content=content,
        )
        try:
            return self.exchange(request, where, largest_bytes, self.timeout_seconds, reads_success=reads_success)
        except TimeoutError:
            raise timed_out(where, self.timeout_seconds) from None
        except httpx.HTTPError as error:
            raise connection_failure(error, where) from None

    def exchange(
        self,
        request: httpx.Request,
        where: str,
        largest_bytes: int,
        timeout_seconds: float,
        *,
        reads_success: bool = True,
    ) -> Answer:
        """As ``request``, for one that is made already.

        Raises ``TimeoutError`` and ``httpx.HTTPError`` when no status came.
        """
        work = self._exchange(request, where, largest_bytes, timeout_seconds, reads_success=reads_success)
        return _wait(self._loop, work)

    async def _exchange(
        self, request: httpx.Request, where: str, largest_bytes: int, timeout_seconds: float, *, reads_success: bool
    ) -> Answer:
        response: httpx.Response | None = None
        opened: list[Any] = []

        async def note_connection(event: str, info: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                opened.append(info["return_value"])

        request.extensions["trace"] = note_connection
        body = bytearray()
        end = BodyEnd.COMPLETE
        try:
            async with asyncio.timeout(timeout_seconds):
                response = await self._client.send(request, stream=True)
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise compressed(where, response.headers["Content-Encoding"])
                if reads_success or not response.is_success:
                    async for piece in response.aiter_raw():
                        body += piece
                        if len(body) > largest_bytes:
                            end = BodyEnd.TOO_LARGE
                            break
        except TimeoutError:
            if response is None:
                raise
            end = BodyEnd.TIMED_OUT
        except httpx.HTTPError:
            if response is None:
                raise
            end = BodyEnd.BROKEN
        finally:
            if response is not None:
                await response.aclose()
            else:  # httpcore forgets a connection whose TLS handshake is cancelled
                for connection in opened:
                    await connection.aclose()
        return Answer(response.status_code, response.headers, bytes(body[:largest_bytes]), end)


@contextmanager
def http_session(timeout_seconds: float, *, verify: ssl.SSLContext | bool = True) -> Iterator[HttpSession]:
    """Connections for several requests. ``timeout_seconds``: for each, from resolving the name to the last byte."""
    session, loop, thread = _open(timeout_seconds, verify)
    try:
        yield session
    finally:
        _stop(loop)
        thread.join()


def lasting_session(owner: object, timeout_seconds: float, *, verify: ssl.SSLContext | bool = True) -> HttpSession:
    """As ``http_session``; closed once ``owner`` is no longer used."""
    session, loop, _ = _open(timeout_seconds, verify)
    weakref.finalize(owner, _stop, loop)
    return session


def _open(
    timeout_seconds: float, verify: ssl.SSLContext | bool
) -> tuple[HttpSession, asyncio.AbstractEventLoop, Thread]:
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(timeout=None, verify=verify, follow_redirects=False)
    thread = Thread(target=_run, args=(loop, client), name="http", daemon=True)
    thread.start()
    return HttpSession(timeout_seconds, loop, client), loop, thread


def _run(loop: asyncio.AbstractEventLoop, client: httpx.AsyncClient) -> None:
    loop.run_forever()
    loop.run_until_complete(_close(client, loop))
    loop.close()  # does not wait for a resolver that still hangs


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    """Waits for nothing: an owner may be collected in any thread, that of the connections included."""
    loop.call_soon_threadsafe(loop.stop)


def trust(ca_file: Path | None, where: str) -> ssl.SSLContext | bool:
    """The certificates to trust: those of ``ca_file`` (PEM, or a folder as of ``openssl rehash``), or the public ones.

    Raises ``AccessDenied``.
    """
    if ca_file is None:
        return True
    try:
        if ca_file.is_dir():
            return ssl.create_default_context(capath=ca_file)
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one too
        what = f"the ca_file {ca_file} cannot be read ({error.strerror})"
        raise AccessDenied(
            what, where=where, remedy="Check the file: it must contain certificates in PEM format"
        ) from None


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result()
    finally:
        future.cancel()  # after an interrupt nobody waits for it any more


async def _close(client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await client.aclose()
            await loop.shutdown_asyncgens()
    except TimeoutError:
        pass
