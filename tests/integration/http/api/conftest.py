"""One service for every test of the API; a test that changes something makes its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.http.api.world import World, world


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
