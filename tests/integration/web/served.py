"""The application on a free loopback port, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from finops.app.clock import FixedClock
from finops.app.container import Container
from finops.model.operations import Operations
from finops.model.snapshot import Snapshot
from finops.web import Access, HttpServer, PublishedState, Publisher, Site
from finops.web.application import api_of
from finops.web.edge.auth_middleware import Edge
from finops_exporters.pages import PagesExporter
from finops_exporters.prometheus import PrometheusExporter
from tests.integration.web.project import empty_container
from tests.support.profiles import PROFILES
from tests.support.snapshots import AS_OF

CLOCK = FixedClock(AS_OF + timedelta(minutes=5))

SIGNING_KEY = bytes(32)
SITE = Site.of("https://finops.example.com/")


PAGES = PagesExporter()
"""Shared, so that the charts of the sample are drawn once."""


def publisher() -> tuple[PublishedState, Publisher]:
    board = PublishedState()
    return board, Publisher(board, PrometheusExporter(), PAGES, PROFILES)


@contextmanager
def serving(board: PublishedState, access: Access | None = None, container: Container | None = None) -> Iterator[str]:
    """The base URL while the server runs; it stops gracefully at the end."""
    api = api_of(board, container or empty_container(CLOCK), signing_key=lambda: SIGNING_KEY)
    with running(HttpServer(Edge(api, board, access or Access(), SITE), host="127.0.0.1", port=0)) as url:
        yield url


@contextmanager
def running(server: HttpServer) -> Iterator[str]:
    """The base URL while ``server`` runs in a thread of its own."""
    thread = threading.Thread(target=server.run, name="http")
    thread.start()
    try:
        assert server.wait_until_serving(timeout_seconds=30)
        yield server.url
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def published(
    snapshot: Snapshot | None, operations: Operations, access: Access | None = None, container: Container | None = None
) -> Iterator[str]:
    board, publish = publisher()
    publish.publish(snapshot, operations)
    with serving(board, access, container) as url:
        yield url
