"""Containers on Azurite."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from finops.objectstore.location import Location
from tests.servers.azurite import AzureServer
from tests.unit.collect.azure.arm import Arm
from tests.unit.collect.azure.export_tree import Tree


@pytest.fixture
def tree(azure_container: str, azurite_server: AzureServer) -> Tree:
    root = f"abfss://{azure_container}@{azurite_server.account}"
    store = Location.parse(root, base=Path(), endpoint=azurite_server.endpoint).store()
    address = f"{azurite_server.endpoint}/{azurite_server.account}"
    return Tree(store.put, store.delete, {"account_url": address, "container": azure_container})


@pytest.fixture
def arm(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Arm:
    """Azure Resource Manager, and this machine has a managed identity."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", httpserver.url_for("/identity"))
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    return Arm(httpserver)
