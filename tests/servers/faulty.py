"""A server in front of a real one that answers as told: refuses, asks to wait, or cuts an answer in the middle."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request; ``path`` as it was sent, with its query."""

    method: str
    path: str


@dataclass(frozen=True)
class Answer:
    """Sent instead of the real server's answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cut:
    """The real answer, whose body ends after ``after_bytes`` although more was announced."""

    after_bytes: int = 20


Fault = Callable[[Asked], Answer | Cut | None]
"""None: the real server's answer."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are no news."""


class FaultyServer:
    """``endpoint``: its address. ``asked``: every request so far."""

    def __init__(self, upstream: str) -> None:
        self.asked: list[Asked] = []
        self._fault: Fault = lambda _: None
        self._upstream = urlsplit(upstream).netloc
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """While inside, ``fault`` decides about each request."""
        before, self._fault = self._fault, fault
        try:
            yield
        finally:
            self._fault = before

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = Asked(self.command, self.path)
                outer.asked.append(asked)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = outer._fault(asked)
                if isinstance(answer, Answer):
                    self._send(answer.status, answer.headers, answer.body)
                    return
                headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                connection = http.client.HTTPConnection(outer._upstream, timeout=30)
                connection.request(self.command, self.path, body or None, headers)
                real = connection.getresponse()
                content = real.read()
                connection.close()
                self._send(real.status, dict(real.headers), content, answer.after_bytes if answer else None)

            do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

            def _send(self, status: int, headers: Mapping[str, str], body: bytes, cut: int | None = None) -> None:
                self.send_response_only(status)
                hop = {"connection", "transfer-encoding", "keep-alive"}
                sent = {name.lower(): value for name, value in headers.items() if name.lower() not in hop}
                if self.command != "HEAD":
                    sent["content-length"] = str(len(body))
                for name, value in {"content-length": "0", **sent}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "HEAD":
                    return
                self.wfile.write(body if cut is None else body[:cut])
                if cut is not None:
                    self.wfile.flush()
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        return Handler
