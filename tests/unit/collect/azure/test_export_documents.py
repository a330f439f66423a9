"""The page and the assets of azure-cost-export say what the code does."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import polars as pl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.app.collection.source import collect
from tests.servers.azurite import AzureServer
from tests.support.bills import lake
from tests.unit.collect.azure.documented_row import ASSETS, DOCS, documented_row
from tests.unit.collect.azure.export_tree import Tree
from tests.unit.collect.azure.focus_rows import blob, line

ROLE = json.loads((ASSETS / "azure-roles" / "azure-cost-export.json").read_text())
READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"


def test_the_documented_row_becomes_what_the_page_says(tree: Tree, tmp_path: Path) -> None:
    documented = documented_row("azure-cost-export.md")
    frame = pl.read_csv(
        io.BytesIO(blob([line("1.5", PublisherName=None, ServiceName=None)], "csv")), infer_schema=False
    )
    given = {column: before for column, before, _ in documented if column in frame.columns}
    content = frame.with_columns(pl.lit(value, pl.String).alias(column) for column, value in given.items()).write_csv()
    tree.run([content.encode()], "csv", [1])
    own = lake(tmp_path)
    assert collect(tree.source(), own, tree.clock).run.error == ""
    row = own.at(own.version()).costs().collect().row(0, named=True)
    shown = {column: row.get(column) for column, _, _ in documented}
    assert {column: None if value is None else str(value) for column, value in shown.items()} == {
        column: after for column, _, after in documented
    }


@contextmanager
def in_front_of(server: AzureServer, front: HTTPServer) -> Iterator[list[str]]:
    """Hands requests on to ``server`` and yields their method and operation, as Azure's permissions are listed by."""
    seen: list[str] = []

    def hand_on(request: Request) -> Response:
        seen.append(f"{request.method} {'list' if request.args.get('comp') == 'list' else 'blob'}")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in {"host", "connection"}}
        answer = httpx.request(request.method, f"{server.endpoint}{request.full_path.rstrip('?')}", headers=headers)
        kept = {
            n: v
            for n, v in answer.headers.items()
            if n.lower() not in {"transfer-encoding", "connection", "keep-alive"}
        }
        body = None if request.method == "HEAD" else answer.content  # an empty body would set its own length
        return Response(body, answer.status_code, kept)

    front.expect_request(re.compile(".*")).respond_with_handler(hand_on)
    yield seen


def test_the_role_covers_what_a_collection_and_a_check_do(
    tree: Tree, azurite_server: AzureServer, httpserver: HTTPServer, tmp_path: Path
) -> None:
    """List Blobs, Get Blob and its properties need blobs/read alone: "Permissions for blob service operations",
    learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory."""
    tree.run([blob([line()], "parquet"), blob([line(day=2)], "parquet")], "parquet", [1, 1])
    with in_front_of(azurite_server, httpserver) as seen:
        address = f"{httpserver.url_for('').rstrip('/')}/{azurite_server.account}"
        source = tree.source(account_url=address)
        assert collect(source, lake(tmp_path), tree.clock).run.error == ""
        assert [check for check in source.check() if not check.passed] == []
    assert set(seen) == {"GET list", "GET blob", "HEAD blob"}
    assert (ROLE["Actions"], ROLE["DataActions"]) == ([], [READ])


@pytest.mark.parametrize("file", [DOCS / "azure-cost-export.md", ASSETS / "terraform" / "azure-cost-export.tf"])
def test_everybody_names_the_same_permission(file: Path) -> None:
    assert READ in file.read_text()
