"""Every source over every place that it reads from. A later source adds its own ``Place`` to ``PLACES``."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from finops.collect.files import FocusFiles, FocusFilesOptions
from finops.ports.source import Source
from tests.unit.focus.frames import bill

Put = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Place:
    """A provider that a test can fill. ``make`` builds the source; ``put`` and ``remove`` change what it offers."""

    make: Callable[[], Source]
    make_elsewhere: Callable[[], Source]
    put: Put
    remove: Callable[[str], None] = field(repr=False)


def months(*numbers: int, cost: str = "1.5") -> bytes:
    """A bill in CSV with a row for each month of 2026."""
    rows = [
        {
            "BilledCost": cost,
            "BillingPeriodStart": f"{datetime(2026, month, 1, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}",
            "BillingPeriodEnd": f"{datetime(2026, month + 1, 1, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}",
            "ChargePeriodStart": f"{datetime(2026, month, 1, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}",
            "ChargePeriodEnd": f"{datetime(2026, month, 2, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for month in numbers
    ]
    return bill(*rows).write_csv().encode()


def parquet(content: bytes) -> bytes:
    """The same rows in Parquet."""
    import io

    buffer = io.BytesIO()
    pl.read_csv(content, infer_schema=False).write_parquet(buffer)
    return buffer.getvalue()


def _files(root: str, base: Path, put: Put, remove: Callable[[str], None], endpoint: str | None = None) -> Place:
    put("bills/2026-03.csv", months(2, 3))
    put("bills/deep/2026-03.csv.gz", gzip.compress(months(3)))
    put("bills/2026-04.parquet", parquet(months(4)))

    def make(path: str) -> Source:
        options = FocusFilesOptions(path=path, endpoint=endpoint)
        return FocusFiles.from_options("bills", options, base=base)

    return Place(lambda: make(f"{root}/bills"), lambda: make(f"{root}/elsewhere"), put, remove)


@pytest.fixture
def on_disk(tmp_path: Path) -> Place:
    def put(name: str, content: bytes) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    return _files(".", tmp_path, put, lambda name: (tmp_path / name).unlink())


@pytest.fixture
def in_s3(s3_bucket: str, moto_server, tmp_path: Path) -> Place:  # type: ignore[no-untyped-def]
    client = moto_server.client()
    return _files(
        f"s3://{s3_bucket}",
        tmp_path,
        lambda name, content: client.put_object(Bucket=s3_bucket, Key=name, Body=content),
        lambda name: client.delete_object(Bucket=s3_bucket, Key=name),
    )


@pytest.fixture
def in_azure(azure_container: str, azurite_server, tmp_path: Path) -> Place:  # type: ignore[no-untyped-def]
    from finops.objectstore.location import Location

    root = f"abfss://{azure_container}@{azurite_server.account}"
    store = Location.parse(root, base=tmp_path, endpoint=azurite_server.endpoint).store()
    return _files(root, tmp_path, store.put, store.delete, endpoint=azurite_server.endpoint)


PLACES = ["on_disk", "in_s3", "in_azure"]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found
