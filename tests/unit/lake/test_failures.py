"""What libraries raise becomes one of our errors, and no secret gets through."""

from __future__ import annotations

from pathlib import Path

import obstore.exceptions
import polars as pl
import pytest
from deltalake import exceptions as delta

from finops.errors import AccessDenied, BrokenStore, FinopsError, NotFound, Throttled, Unreachable
from finops.lake.tables.failures import MAPPED, failure, lake_failures
from tests.support.bills import delivery, lake, line, rows, run

# mistakes in a program's own calls, never an answer of a store
PROGRAMMING = {"ModuleUpgradeRequiredError", "ArgumentRemovedError", "AttributeRemovedError"}


@pytest.mark.parametrize("module", [delta, obstore.exceptions, pl.exceptions])
def test_every_exception_of_the_libraries_is_mapped(module: object) -> None:
    raised = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, Warning)
    ]
    assert raised
    assert {kind.__name__ for kind in raised if not issubclass(kind, MAPPED)} <= PROGRAMMING


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "Permission denied"), AccessDenied),
        (OSError("Generic S3 error: ... status code: 403 Forbidden: <?xml <Code>AccessDenied"), AccessDenied),
        (obstore.exceptions.UnauthenticatedError("401"), AccessDenied),
        (OSError("Read-only file system (os error 30)"), AccessDenied),
        (FileNotFoundError(2, "No such file"), NotFound),
        (OSError("NoSuchBucket: the bucket does not exist"), NotFound),
        (delta.TableNotFoundError("no table"), NotFound),
        (OSError("No space left on device (os error 28)"), Unreachable),
        (delta.DeltaError("error sending request for url (http://127.0.0.1:1/): connection refused"), Unreachable),
        (pl.exceptions.ComputeError("Generic S3 error: operation timed out"), Unreachable),
        (OSError("SlowDown: please reduce your request rate"), Throttled),
        (NotADirectoryError(20, "Not a directory"), BrokenStore),
        (delta.DeltaError("Kernel error: Json error: unexpected 'g'"), BrokenStore),
        (pl.exceptions.ComputeError("parquet: file out of specification"), BrokenStore),
    ],
)
def test_causes_are_told_apart(error: Exception, expected: type[FinopsError]) -> None:
    found = failure(error, "s3://lake/costs")
    assert type(found) is expected
    assert found.where == "s3://lake/costs"
    assert found.remedy


def test_signatures_and_answers_of_servers_are_not_repeated() -> None:
    said = (
        "error sending request for url (https://a.blob/x?sv=1&sig=S3CR3T) <?xml <Key>S3CR3T</Key> Debug source: S3CR3T"
    )
    assert "S3CR3T" not in str(failure(OSError(said), "here"))


def test_our_own_errors_pass() -> None:
    own = NotFound("gone", where="x", remedy="y")
    with pytest.raises(NotFound) as caught, lake_failures("here"):
        raise own
    assert caught.value is own


def test_a_file_where_the_lake_should_be(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("not a lake")
    own = lake(tmp_path)
    for call in (own.version, own.heal, own.status, lambda: own.replace(delivery(rows(line("1"))), run())):
        with pytest.raises(BrokenStore, match="a file exists where a directory is expected"):
            call()


def test_a_folder_that_cannot_be_made() -> None:
    own = lake(Path("/proc/finops-test"))
    assert own.known("aws") == {}
    with pytest.raises(FinopsError) as caught:
        own.replace(delivery(rows(line("1"))), run())
    assert "/proc/finops-test" in caught.value.where


def test_a_broken_table(tmp_path: Path) -> None:
    log = tmp_path / "lake" / "costs" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("garbage")
    own = lake(tmp_path)
    for call in (lambda: own.known("aws"), own.heal, own.history):
        with pytest.raises(BrokenStore) as caught:
            call()
        assert caught.value.where.endswith("lake/costs")


def test_a_data_file_that_is_gone(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    for path in (tmp_path / "lake" / "costs").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(NotFound):
        own.reconcile()
