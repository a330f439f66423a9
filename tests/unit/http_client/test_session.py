"""Servers that drip, hang and flood: a request ends in time and within its size, whatever the other side does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from finops.errors import DeliveryFailed, FinopsError, RefusedBatch, Unreachable
from finops.http_client import JsonApi, http_session
from finops.http_client.session import Answer, BodyEnd
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.support.verdicts import MovableClock, notice

PATIENCE = 0.4
"""Seconds for a whole answer, eight times the pause between two bytes of a server that drips."""

Talk = Callable[[socket.socket, threading.Event], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def drip(connection: socket.socket, over: threading.Event, text: bytes) -> None:
    """Byte by byte, and the whole in the end: who bounds single reads only is content with it."""
    for byte in text:
        if over.wait(PATIENCE / 8):
            return
        connection.sendall(bytes([byte]))


def drips_head(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    drip(connection, over, HEAD + b"Content-Length: 2\r\n\r\n{}")


def drips_body(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD + b"Content-Length: 40\r\n\r\n")
    drip(connection, over, b"{}".ljust(40))


def drips_chunks(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    drip(connection, over, b"2\r\n{}\r\n" + b"1\r\n \r\n" * 8 + b"0\r\n\r\n")


def informs_for_ever(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    while not over.wait(PATIENCE / 8):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def says_nothing(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait()


def reads_nothing(_connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def floods(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD + b"\r\n")
    while not over.is_set():
        connection.sendall(b"x" * 65536)


def floods_head(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD)
    while not over.is_set():
        connection.sendall(b"X-More: " + b"x" * 65536 + b"\r\n")


def breaks_off(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD + b'Content-Length: 40\r\n\r\n{"a": ')


def compresses(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")


SILENT = [drips_head, informs_for_ever, says_nothing, reads_nothing]
LATE = [*SILENT, drips_body, drips_chunks]


@contextmanager
def served(talk: Talk) -> Iterator[str]:
    """The address of a server that has one conversation with whoever connects."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection, over)
                except OSError:  # the client has had enough
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def get(address: str, **options: Any) -> Any:
    api = JsonApi(
        "here", address, "Ask", **{"timeout_seconds": PATIENCE, "attempts": 1, "largest_bytes": 1000, **options}
    )
    with api.session() as answers:
        return answers.get("/", [])


def post(address: str, content: bytes = b"{}", seconds: float = PATIENCE) -> Answer:
    with http_session(seconds) as session:
        return session.request("POST", address, where="here", headers={}, content=content, largest_bytes=1000)


@pytest.mark.parametrize("talk", LATE)
def test_an_answer_that_is_not_complete_in_time_is_given_up(talk: Talk) -> None:
    with served(talk) as address, pytest.raises(Unreachable, match=r"no complete response within 0\.4 s"):
        get(address)


@pytest.mark.parametrize("talk", SILENT)
def test_a_delivery_without_a_status_in_time_is_tried_again(talk: Talk, tmp_path: Any) -> None:
    with served(talk) as address:
        options = WebhookOptions(url=address, timeout_seconds=PATIENCE)
        with pytest.raises(DeliveryFailed, match=r"no complete response within 0\.4 s"):
            Webhook("hook", options, base=tmp_path, clock=MovableClock()).send([notice()], idempotency_key="k")


@pytest.mark.parametrize("talk", [drips_body, drips_chunks, floods])
def test_a_delivery_that_was_accepted_waits_for_no_body(talk: Talk, tmp_path: Any) -> None:
    with served(talk) as address:
        options = WebhookOptions(url=address, timeout_seconds=60)
        sender = Webhook("hook", options, base=tmp_path, clock=MovableClock())
        assert sender.send([notice()], idempotency_key="k") == "HTTP 200 OK"


def test_a_request_that_nobody_reads_is_given_up() -> None:
    with served(reads_nothing) as address, pytest.raises(Unreachable, match="no complete response"):
        post(address, b"x" * 2**26)


def test_a_tls_handshake_that_hangs_is_given_up() -> None:
    with served(says_nothing) as address, pytest.raises(Unreachable, match="no complete response"):
        post(address.replace("http:", "https:"))


def test_a_tls_handshake_with_no_tls_server_names_the_reason() -> None:
    with served(drips_body) as address, pytest.raises(Unreachable, match=r"no connection \(\[SSL"):
        post(address.replace("http:", "https:"), seconds=60)


def test_a_server_that_accepts_nobody_is_given_up() -> None:
    """Its queue is full: the system answers no further connection, which is what a dropped packet looks like."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        with pytest.raises(Unreachable, match="no complete response"):
            post(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for one in waiting:
            one.close()


def test_a_name_that_does_not_resolve_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hangs(*_arguments: Any, **_options: Any) -> Any:
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    try:
        with pytest.raises(Unreachable, match="no complete response"):
            post("http://server.example")
    finally:
        over.set()


@pytest.mark.parametrize(
    ("talk", "error", "said"),
    [
        (floods, RefusedBatch, "the response is larger than 1,000 bytes"),
        (floods_head, Unreachable, "the connection was closed"),
        (breaks_off, Unreachable, "the connection was closed within the response"),
        (compresses, RefusedBatch, "the response is compressed (gzip) although that was not requested"),
    ],
)
def test_an_answer_that_cannot_be_taken(talk: Talk, error: type[FinopsError], said: str) -> None:
    with served(talk) as address, pytest.raises(error) as caught:
        get(address, timeout_seconds=60)
    assert said in caught.value.what


def test_what_came_of_a_large_answer_is_bounded() -> None:
    with served(floods) as address:
        answer = post(address, seconds=60)
    assert (answer.status, len(answer.body), answer.end) == (200, 1000, BodyEnd.TOO_LARGE)


def test_one_session_asks_several_times_and_survives_a_time_out() -> None:
    talks = iter([says_nothing, breaks_off])
    with (
        served(lambda connection, over: next(talks)(connection, over if over.is_set() else _soon())) as address,
        http_session(PATIENCE) as session,
    ):
        ask: dict[str, Any] = {"where": "here", "headers": {}, "largest_bytes": 1000}
        with pytest.raises(Unreachable):
            session.request("GET", address, **ask)
        assert session.request("GET", address, **ask).end is BodyEnd.BROKEN


def _soon() -> threading.Event:
    """Set a little after the client's patience ended."""
    event = threading.Event()
    threading.Timer(PATIENCE * 1.5, event.set).start()
    return event


def test_a_certificate_that_is_not_trusted_is_named(certificate_authority: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority.issue_cert("127.0.0.1").configure_cert(context)

    def shakes_hands(connection: socket.socket, _over: threading.Event) -> None:
        context.wrap_socket(connection, server_side=True)

    with served(shakes_hands) as address, pytest.raises(Unreachable, match="the server's certificate is not trusted"):
        post(address.replace("http:", "https:"), seconds=60)
