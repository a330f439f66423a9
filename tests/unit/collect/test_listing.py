"""Paths, globs and folders, on disk and in stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.errors import NotFound
from finops.objectstore.listing import list_files, split_glob
from finops.objectstore.location import Location

FILES = ["bills/a.csv", "bills/b.csv", "bills/2026/c.csv", "bills/2026/03/d.csv", "other/e.csv"]
CASES = [
    ("bills", ["2026/03/d.csv", "2026/c.csv", "a.csv", "b.csv"]),
    ("bills/a.csv", ["a.csv"]),
    ("bills/*.csv", ["a.csv", "b.csv"]),
    ("bills/?.csv", ["a.csv", "b.csv"]),
    ("bills/[!a].csv", ["b.csv"]),
    ("bills/**/*.csv", ["2026/03/d.csv", "2026/c.csv", "a.csv", "b.csv"]),
    ("bills/*/*.csv", ["2026/c.csv"]),
    ("*/e.csv", ["other/e.csv"]),
]


@pytest.mark.parametrize(
    ("path", "root", "pattern"),
    [
        ("bills", "bills", ""),
        ("./bills/*.csv", "./bills", "*.csv"),
        ("/data/2026-*/part?.parquet", "/data", "2026-*/part?.parquet"),
        ("/*.csv", "/", "*.csv"),
        ("*.csv", ".", "*.csv"),
        ("s3://bucket/a/**/[ab].csv", "s3://bucket/a", "**/[ab].csv"),
    ],
)
def test_a_glob_starts_at_its_first_wildcard(path: str, root: str, pattern: str) -> None:
    assert split_glob(path) == (root, pattern)


def listed(prefix: str, path: str, base: Path) -> list[str]:
    root, pattern = split_glob(f"{prefix}/{path}")
    return sorted(found.relative for found in list_files(Location.parse(root, base=base), pattern))


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_on_disk(tmp_path: Path, path: str, expected: list[str]) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert listed(str(tmp_path), path, tmp_path) == expected


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_in_a_store(s3_bucket: str, moto_server, tmp_path: Path, path: str, expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    for name in FILES:
        moto_server.client().put_object(Bucket=s3_bucket, Key=name, Body=b"x")
    assert listed(f"s3://{s3_bucket}", path, tmp_path) == expected


def test_a_store_s_own_mark_changes_with_the_content(s3_bucket: str, moto_server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    def mark(content: bytes) -> str | None:
        moto_server.client().put_object(Bucket=s3_bucket, Key="a.csv", Body=content)
        (found,) = list_files(Location.parse(f"s3://{s3_bucket}/a.csv", base=tmp_path))
        assert (found.uri, found.size_bytes) == (f"s3://{s3_bucket}/a.csv", len(content))
        return found.etag

    assert mark(b"one") == mark(b"one") != mark(b"two")


@pytest.mark.parametrize("path", ["s3://{bucket}", "s3://{bucket}/nothing", "s3://no-such-bucket/a", "./nothing"])
def test_nothing_there(s3_bucket: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(NotFound):
        list_files(Location.parse(path.format(bucket=s3_bucket), base=tmp_path))
