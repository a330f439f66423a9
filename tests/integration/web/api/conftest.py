"""Two services for all tests of the API: one that nobody changes, and one for tests that change something."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.web.api.world import World, world


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("service")) as made:
        yield made


@pytest.fixture(scope="package")
def viewer(served: World) -> Iterator[httpx.Client]:
    with served.client("viewer") as client:
        yield client


@pytest.fixture(scope="package")
def responder(served: World) -> Iterator[httpx.Client]:
    with served.client("responder") as client:
        yield client


@pytest.fixture(scope="package")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service that tests may change, whatever the others did before."""
    with world(tmp_path_factory.mktemp("changed")) as made:
        yield made


@pytest.fixture(scope="package")
def client(own: World) -> Iterator[httpx.Client]:
    """A responder before the service that may be changed."""
    with own.client("responder") as made:
        yield made
