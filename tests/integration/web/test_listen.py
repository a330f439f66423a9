"""Where the service may listen, and what it says where it may not."""

from __future__ import annotations

import socket
import threading

import httpx
import pytest
from pydantic import ValidationError

from finops.config.http_model import Auth, Http
from finops.errors import BadArguments, Unreachable
from finops.web import Access, HttpServer, PublishedState, Site
from finops.web.application import api_of
from finops.web.edge.auth_middleware import Edge
from tests.integration.web.project import empty_container
from tests.integration.web.served import CLOCK, running

AUTH = Auth.model_validate({"tokens": {"x": {"token": {"env": "X"}}}})


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:9700", ("127.0.0.1", 9700)),
        ("127.8.9.1:1", ("127.8.9.1", 1)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:9700", ("::1", 9700)),
    ],
)
def test_loopback_needs_no_auth(listen: str, expected: tuple[str, int]) -> None:
    assert Http(listen=listen).address == expected


@pytest.mark.parametrize("listen", ["0.0.0.0:9700", "[::]:9700", "10.0.0.5:80", "finops.example.com:443"])
def test_beyond_loopback_somebody_must_sign_in(listen: str) -> None:
    with pytest.raises(ValidationError, match="reachable from other machines without authentication"):
        Http(listen=listen)
    assert Http(listen=listen, auth=AUTH).address[1] == int(listen.rpartition(":")[2])


@pytest.mark.parametrize("listen", ["9700", ":9700", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"])
def test_what_is_no_address(listen: str) -> None:
    with pytest.raises(ValidationError, match="is not a valid listen address"):
        Http(listen=listen)


def server(port: int, host: str = "127.0.0.1") -> HttpServer:
    board = PublishedState()
    return HttpServer(
        Edge(api_of(board, empty_container(CLOCK), signing_key=lambda: bytes(32)), board, Access(), Site()),
        host=host,
        port=port,
    )


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadArguments, match=f"port {taken.getsockname()[1]} is in use by another program"):
            server(taken.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadArguments, match=r"cannot listen on 192\.0\.2\.1"):
        server(0, "192.0.2.1")


def test_it_stops_gracefully_and_frees_its_port() -> None:
    first = server(0)
    thread = threading.Thread(target=first.run)
    thread.start()
    assert first.wait_until_serving(timeout_seconds=30)
    assert httpx.get(f"{first.url}/healthz").status_code == 200
    first.stop()
    thread.join(30)
    assert not thread.is_alive()
    port = int(first.url.rsplit(":", 1)[1])
    again = server(port)
    again.close()


def test_it_is_alive_while_nobody_can_read_the_key_of_its_forms() -> None:
    def away() -> bytes:
        raise Unreachable("the database does not respond", where="state", remedy="Check it")

    board = PublishedState()
    app = Edge(api_of(board, empty_container(CLOCK), signing_key=away), board, Access(), Site())
    with running(HttpServer(app, host="127.0.0.1", port=0)) as url:
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert httpx.get(f"{url}/readyz").text == "not ready: no evaluation yet\n"
