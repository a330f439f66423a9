"""Clients that are slow, endless, silent or many: each is turned away, and everybody else is answered meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from finops.web import Access, HttpServer
from finops.web.application import api_of
from finops.web.edge.auth_middleware import Edge
from finops.web.edge.connections import Connections, Limits
from finops.web.edge.refusals import Refusal, Refusals, network_of
from tests.integration.web.project import empty_container
from tests.integration.web.served import CLOCK, SIGNING_KEY, SITE, publisher, running
from tests.support.snapshots import evaluation, operations, snapshot

QUICK = Limits(header_seconds=0.2, body_seconds=0.2, send_seconds=0.1, header_bytes=4096)
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /alerts/x/acknowledge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
FORM = POST + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"


class Server:
    """An address, and what was turned away there."""

    def __init__(self, url: str, refusals: Refusals) -> None:
        self.url = url
        self._refusals = refusals

    def connect(self, source: str = "127.0.0.1", sent: bytes = b"") -> socket.socket:
        url = httpx.URL(self.url)
        client = socket.create_connection((url.host, url.port or 0), 30, (source, 0))
        client.sendall(sent)
        return client

    def count(self, reason: Refusal) -> int:
        return self._refusals.counts()[reason]

    def check(self) -> None:
        for path in (b"/healthz", b"/metrics"):
            request = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            assert status(rest_of(self.connect(sent=request))) == 200


def app_of() -> Edge:
    board, publish = publisher()
    publish.publish(snapshot(evaluation(tracks=False)), operations())
    return Edge(api_of(board, empty_container(CLOCK), signing_key=lambda: SIGNING_KEY), board, Access(), SITE)


@contextlib.contextmanager
def serving(limits: Limits, app: object = None) -> Iterator[Server]:
    refusals = Refusals()
    server = HttpServer(
        app or app_of(),  # type: ignore[arg-type]  # an ASGI application
        host="127.0.0.1",
        port=0,
        graceful_seconds=1,
        limits=limits,
        refusals=refusals,
    )
    with running(server) as url:
        yield Server(url, refusals)


@pytest.fixture(scope="module")
def quick() -> Iterator[Server]:
    with serving(QUICK) as server:
        yield server


def rest_of(client: socket.socket) -> bytes:
    """Everything until the server closes. A reset after its last word is a close too."""
    found = b""
    with client, contextlib.suppress(ConnectionError):
        while data := client.recv(65536):
            found += data
    return found


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_thousand_silent_connections_keep_nobody_out() -> None:
    with serving(Limits()) as server, contextlib.ExitStack() as held, capture_logs() as logs:
        scraper = held.enter_context(
            httpx.Client(base_url=server.url, transport=httpx.HTTPTransport(local_address="127.0.0.2"))
        )
        assert scraper.get("/metrics").status_code == 200
        for number in range(1000):
            held.enter_context(server.connect(sent=b"" if number % 2 else REQUEST))
            if number % 250 == 0:
                server.check()
        server.check()
        assert scraper.get("/metrics").status_code == 200
        assert server.count(Refusal.CONNECTIONS_PER_ADDRESS) >= 1000 - Limits().per_address
    assert [line["reason"] for line in logs] == ["connections_per_address"]


def test_too_many_addresses_displace_the_one_with_most_connections() -> None:
    with serving(replace(QUICK, header_seconds=30, connections=20, per_address=15)) as server:
        silent = [server.connect("127.0.0.2") for _ in range(12)]
        other = server.connect("127.0.0.3", REQUEST + b"\r\n")
        assert status(other.recv(65536)) == 200
        crowd = [server.connect(f"127.0.0.{number}") for number in range(4, 13)]
        server.check()
        assert rest_of(silent[0]) == b""
        other.sendall(REQUEST + b"\r\n")
        assert status(other.recv(65536)) == 200
        assert server.count(Refusal.CONNECTIONS) > 0
        for client in (*silent[1:], other, *crowd):
            client.close()


@pytest.mark.parametrize(
    ("sent", "expected", "reason"),
    [
        (REQUEST, 408, Refusal.HEADER_TIME),
        (b"\r\n\r\n", 408, Refusal.HEADER_TIME),
        (b"GET /", 408, Refusal.HEADER_TIME),
        (REQUEST + b"X: " + b"x" * 5000, 431, Refusal.HEADER_SIZE),
        (REQUEST + b"X: " + b"x" * 5000 + b"\r\n\r\n", 431, Refusal.HEADER_SIZE),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n", 431, Refusal.HEADER_SIZE),
        (b"\r\n" * 4000, 431, Refusal.HEADER_SIZE),
        (REQUEST + b"X: y\r\n" * 200 + b"\r\n", 431, Refusal.HEADER_COUNT),
        (FORM + b"form_token=", 408, Refusal.BODY_TIME),
        (b"\x16\x03\x01 this is TLS", 400, Refusal.MALFORMED),
        (REQUEST + b"No colon\r\n\r\n", 400, Refusal.MALFORMED),
        (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, Refusal.MALFORMED),
    ],
)
def test_a_client_that_passes_a_limit_is_told_and_disconnected(
    quick: Server, sent: bytes, expected: int, reason: Refusal
) -> None:
    before = quick.count(reason)
    answer = rest_of(quick.connect(sent=sent))
    assert status(answer) == expected
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert b"content-security-policy" in answer
    assert quick.count(reason) == before + 1
    quick.check()


def test_a_deadline_holds_whatever_drips_in(quick: Server) -> None:
    client = quick.connect(sent=REQUEST)
    client.settimeout(0.02)
    for _ in range(1000):
        with contextlib.suppress(ConnectionError):
            client.sendall(b"X-Drip: 1\r\n")
        try:
            answer = client.recv(65536)
        except TimeoutError:
            continue
        break
    client.close()
    assert status(answer) == 408


def test_a_connection_opened_in_advance_is_closed_without_a_word(quick: Server) -> None:
    before = quick.count(Refusal.HEADER_TIME)
    assert rest_of(quick.connect()) == b""
    assert quick.count(Refusal.HEADER_TIME) == before


def test_an_endless_body_that_nobody_reads_ends(quick: Server) -> None:
    client = quick.connect(sent=REQUEST + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with client, pytest.raises(ConnectionError):
        client.sendall(chunk * 1000)
    quick.check()


def test_a_request_that_is_answered_early_gets_one_answer(quick: Server) -> None:
    answer = rest_of(quick.connect(sent=POST + b"\r\nsome of the body"))
    assert status(answer) == 403
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("sent", [(REQUEST + b"\r\n") * 5000, REQUEST + b"\r\n" + b"\x00garbage\r\n\r\n" * 1000])
def test_what_follows_without_waiting_is_not_kept(quick: Server, sent: bytes) -> None:
    client = quick.connect()
    with contextlib.suppress(ConnectionError):
        client.sendall(sent)
    assert len(re.findall(rb"HTTP/1.1 200 ", rest_of(client))) <= QUICK.pipelined + 1
    quick.check()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [REQUEST, b"\r\n", b"\r\n\r\n", FORM, b"Transfer-Encoding: chunked\r\n\r\n", b"ff;x=\r\n", b"0\r\n"]
        )
        | st.binary(max_size=40),
        max_size=6,
    )
)
def test_no_bytes_leave_a_trace_in_the_log_or_keep_others_out(quick: Server, parts: list[bytes]) -> None:
    with capture_logs() as logs:
        client = quick.connect()
        with contextlib.suppress(OSError):  # it may have been told and disconnected before
            for part in parts:
                client.sendall(part)
            client.shutdown(socket.SHUT_WR)
        answer = rest_of(client)
    assert not answer or re.match(rb"HTTP/1\.[01] [2-5]\d\d ", answer)
    assert {line["event"] for line in logs} <= {"http.refused"}
    quick.check()


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    """``/wait`` until its client goes, a big answer otherwise."""
    if scope["path"] == "/wait":
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    body = b"x" * 30_000_000
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def test_a_client_that_does_not_read_is_disconnected() -> None:
    slow = replace(QUICK, send_seconds=-2000)  # less what the waiting bytes may take
    with serving(slow, _busy) as server:
        client = server.connect(sent=b"GET /big HTTP/1.1\r\n\r\n")
        client.recv(1)
        while not server.count(Refusal.SEND_TIME):
            server.connect().close()
        assert len(rest_of(client)) < 30_000_000


def test_one_more_is_refused_where_every_connection_is_at_work() -> None:
    with serving(replace(QUICK, connections=16, per_address=2), _busy) as server:
        working = [server.connect(sent=b"GET /wait HTTP/1.1\r\n\r\n") for _ in range(2)]
        answer = b""
        while not answer:  # until both are known to be at work, a newcomer takes the place of one
            answer = rest_of(server.connect(sent=b"GET /wait HTTP/1.1\r\n\r\n"))
        assert status(answer) == 503
        for client in working:
            client.close()


def test_a_request_that_outlasts_the_stop_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    board, publish = publisher()
    publish.publish(None, operations())
    with serving(QUICK, Edge(hangs, board, Access(), SITE)) as server:
        client = server.connect(sent=b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.setblocking(True)
    assert status(rest_of(client)) == 503
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("soft", "hard", "connections"), [(20_000, 20_000, 512), (256, 65_536, 512), (1024, 1024, 384), (64, 64, 8)]
)
def test_connections_leave_half_of_the_open_files_to_others(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, connections: int
) -> None:
    resource = pytest.importorskip("resource")
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, to: raised.append(to))
    limits = Connections(Limits(), Refusals()).limits
    assert limits.connections == connections
    assert limits.per_address <= connections
    assert not raised or raised[-1][0] <= hard


def test_a_customers_network_is_one_address() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") != network_of("192.0.2.8")


def test_refusals_are_counted_and_logged_once_a_minute() -> None:
    moments = iter((0.0, 1.0, 59.0, 61.0, 62.0))
    refusals = Refusals(lambda: next(moments))
    with capture_logs() as logs:
        for _ in range(5):
            refusals.add(Refusal.HEADER_TIME, "192.0.2.7")
    assert [(line["count"], line["address"]) for line in logs] == [(1, "192.0.2.7"), (3, "192.0.2.7")]
    assert refusals.counts()[Refusal.HEADER_TIME] == 5
    assert set(refusals.counts()) == set(Refusal)
