"""Which files are a billing period now."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from finops.collect.aws.bucket import StoredObject
from finops.collect.aws.manifest import current_manifests, data_files
from finops.errors import RefusedBatch

FOLDER = "focus/export/metadata/"
WRITTEN = datetime(2026, 3, 20, tzinfo=UTC)


def stored(name: str, days: int = 0) -> StoredObject:
    return StoredObject(f"{FOLDER}{name}", f'"{name}"', 100, WRITTEN + timedelta(days=days))


def current(*objects: StoredObject) -> dict[date, str]:
    found = current_manifests(objects, FOLDER, "export")
    return {manifest.period: manifest.stored.key.removeprefix(FOLDER) for manifest in found}


def test_one_manifest_a_period_oldest_first_in_any_casing() -> None:
    assert current(
        stored("BILLING_PERIOD=2026-03/export-Manifest.json"),
        stored("billing_period=2026-02/export-manifest.json"),
        stored("Billing_Period=2026-04/Export-Manifest.json"),
    ) == {
        date(2026, 2, 1): "billing_period=2026-02/export-manifest.json",
        date(2026, 3, 1): "BILLING_PERIOD=2026-03/export-Manifest.json",
        date(2026, 4, 1): "Billing_Period=2026-04/Export-Manifest.json",
    }


def test_the_partitions_own_manifest_is_the_current_one_whenever_it_was_written() -> None:
    own = "BILLING_PERIOD=2026-03/export-Manifest.json"
    executions = [stored(f"BILLING_PERIOD=2026-03/2026032{n}T00-id/export-Manifest.json", days=n) for n in (1, 2)]
    assert current(*executions, stored(own)) == {date(2026, 3, 1): own}


def test_without_it_the_newest_execution_counts() -> None:
    executions = [stored(f"BILLING_PERIOD=2026-03/{n}/export-Manifest.json", days=-n) for n in (3, 1, 2)]
    assert current(*executions) == {date(2026, 3, 1): "BILLING_PERIOD=2026-03/1/export-Manifest.json"}


def test_of_two_casings_the_newer_counts() -> None:
    old, new = "BILLING_PERIOD=2026-03/export-Manifest.json", "billing_period=2026-03/export-Manifest.json"
    assert current(stored(new, days=1), stored(old)) == current(stored(old), stored(new, days=1))
    assert current(stored(old), stored(new, days=1)) == {date(2026, 3, 1): new}


@pytest.mark.parametrize(
    "name",
    [
        "BILLING_PERIOD=2026-13/export-Manifest.json",
        "BILLING_PERIOD=2026-03/other-Manifest.json",
        "BILLING_PERIOD=2026-03/export-Manifest.json.bak",
        "export-Manifest.json",
        "",
    ],
)
def test_anything_else_is_none(name: str) -> None:
    assert current(stored(name)) == {}


@pytest.mark.parametrize(
    "files",
    [
        ["s3://bucket/focus/a b.parquet", "s3://bucket/focus/c.parquet"],
        ["focus/a b.parquet", "focus/c.parquet"],
        ["s3://bucket/focus/a%20b.parquet", "/focus/c.parquet", "/focus/c.parquet"],
        [{"s3Uri": "s3://bucket/focus/a b.parquet"}, {"key": "focus/c.parquet"}],
    ],
)
def test_files_are_named_as_uris_keys_or_objects(files: list[Any]) -> None:
    content = json.dumps({"dataFiles": files}).encode()
    assert data_files(content, where="manifest") == ("focus/a b.parquet", "focus/c.parquet")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"dataFiles": ["s3://buck',
        b"[]",
        b"{}",
        b'{"dataFiles": "a"}',
        b'{"dataFiles": [7]}',
        b'{"dataFiles": [{}]}',
    ],
)
def test_a_manifest_that_says_nothing_certain_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedBatch, match="the manifest cannot be read") as caught:
        data_files(content, where="s3://bucket/manifest")
    assert caught.value.where == "s3://bucket/manifest"
