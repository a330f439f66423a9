"""The SDKs of the clouds against servers that drip and flood: each call ends in time, and names its place."""

from __future__ import annotations

import gc
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from finops.collect.aws.bucket import Bucket
from finops.collect.aws.cloudwatch import CloudWatchDemand
from finops.collect.aws.cloudwatch_options import CloudWatchDemandOptions
from finops.collect.azure.identity import EntraCredential, ManagedIdentity
from finops.collect.azure.query.ask import CostManagement
from finops.collect.gcp.bigquery import BigQuery
from finops.errors import FinopsError, RefusedBatch, Unreachable
from finops.objectstore import sdk
from finops.ports.source import Usage
from tests.support.bills import StoppedClock
from tests.unit.http_client.test_session import PATIENCE, Talk, drips_body, drips_head, floods, served

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)


def _bucket(address: str) -> None:
    Bucket("bills", address, Usage()).read("manifest.json")


def _cloudwatch(address: str) -> None:
    given = {"namespace": "Shop", "metric": "orders", "region": "eu-west-1", "endpoint": address}
    CloudWatchDemand("orders", CloudWatchDemandOptions.model_validate(given), clock=StoppedClock(NOW)).read(None)


class _SignedIn(EntraCredential):
    def __init__(self) -> None:
        super().__init__(None, base=Path(), source="azure")

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("token", 2**31)


def _cost_management(address: str) -> None:
    CostManagement(
        "/subscriptions/1",
        _SignedIn(),
        clock=StoppedClock(NOW),
        usage=Usage(),
        endpoint=address,
        wait=lambda _seconds: None,
    ).rows({})


def _bigquery(address: str) -> None:
    made = BigQuery(
        "shop", location=None, endpoint=address, timeout_seconds=PATIENCE, usage=Usage(), where="source gcp"
    )
    made.rows("SELECT 1", period=date(2026, 4, 1))


CALLS = [_bucket, _cloudwatch, _cost_management, _bigquery]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "SDK_SECONDS", PATIENCE)
    monkeypatch.setattr(sdk, "LARGEST_BYTES", 100_000)
    monkeypatch.setattr("finops.collect.azure.patience.ATTEMPTS", 1)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")


@pytest.mark.parametrize("talk", [drips_head, drips_body])
@pytest.mark.parametrize("call", CALLS)
def test_a_response_that_drips_is_given_up(call: Callable[[str], None], talk: Talk) -> None:
    with served(talk) as address, pytest.raises(Unreachable, match=r"no complete response within 0\.4 s") as caught:
        call(address)
    assert "127.0.0.1" in caught.value.where


@pytest.mark.parametrize("call", CALLS)
def test_a_response_without_end_is_refused(call: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "SDK_SECONDS", 60.0)
    with served(floods) as address, pytest.raises(RefusedBatch, match="the response is larger than 100,000 bytes"):
        call(address)


def test_signing_in_is_bounded_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    with served(drips_body) as address:
        monkeypatch.setenv("IDENTITY_ENDPOINT", address)
        credential = EntraCredential(ManagedIdentity(method="managed-identity"), base=tmp_path, source="azure-prod")
        with pytest.raises(Unreachable) as caught:
            credential.get_token("scope")
    assert caught.value.where.startswith("azure-prod, sign_in: managed-identity")


@pytest.fixture
def request_line() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that refuses everything, and the first lines of what it was asked."""
    seen: list[str] = []

    def refuses(connection: socket.socket, _over: threading.Event) -> None:
        seen.append(connection.recv(65536).split(b"\r\n")[0].decode())
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with served(refuses) as address:
        yield address, seen


@pytest.mark.parametrize("key", ["a b+c=d/~e'(1)*!.json", "täg/ü%2F%.json", "a//b/./c", "?x&y=#z"])
def test_a_signed_address_reaches_the_server_as_it_is(key: str, request_line: tuple[str, list[str]]) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    address, seen = request_line
    plain = boto3.client("s3", endpoint_url=address, config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError):
        plain.get_object(Bucket="bills", Key=key)
    with pytest.raises(ClientError):
        plain.list_objects_v2(Bucket="bills", Prefix=key)
    plain.close()
    bucket = Bucket("bills", address, Usage())
    with pytest.raises(FinopsError):
        bucket.read(key)
    with pytest.raises(FinopsError):
        list(bucket.list(key))
    assert seen[:2] == seen[2:]


def test_connections_close_with_their_client(request_line: tuple[str, list[str]]) -> None:
    bucket = Bucket("bills", request_line[0], Usage())
    before = {thread for thread in threading.enumerate() if thread.name == "http"}
    with pytest.raises(FinopsError):
        bucket.read("x")
    (opened,) = {thread for thread in threading.enumerate() if thread.name == "http"} - before
    gone = weakref.ref(bucket)
    del bucket
    gc.collect()
    opened.join(10)
    assert gone() is None
    assert not opened.is_alive()
