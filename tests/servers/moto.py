"""Amazon S3 (moto) on a free port, one for the session; its data stay in its memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers.faulty import FaultyServer


@dataclass(frozen=True)
class S3Server:
    """``endpoint``: http address. ``environment``: what a process needs to sign in. ``client``: boto3's S3 client."""

    endpoint: str
    environment: dict[str, str]

    def client(self) -> Any:  # boto3's client has no public type
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )


@pytest.fixture(scope="session")
def moto_server() -> Iterator[S3Server]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(
        f"http://{host}:{port}",
        {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        },
    )
    server.stop()


@pytest.fixture(scope="session")
def faulty_s3(moto_server: S3Server) -> Iterator[FaultyServer]:
    """In front of ``moto_server``: passes everything on until a test tells it to fail."""
    server = FaultyServer(moto_server.endpoint)
    yield server
    server.stop()


@pytest.fixture
def s3_bucket(moto_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new empty bucket; this process is signed in to the server through its environment."""
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    moto_server.client().create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": moto_server.environment["AWS_REGION"]}
    )
    return bucket
