"""Every exception that reading a file can raise becomes one of ours, and no secret comes along."""

from __future__ import annotations

import polars as pl
import pytest
from obstore import exceptions as store

from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable
from finops.objectstore.unreadable import unreadable

S3_DENIED = "Generic S3 error: Client error with status 403 Forbidden: <?xml version='1.0'?><Error>key AKIA</Error>"
CASES: list[tuple[Exception, type[FinopsError]]] = [
    (FileNotFoundError(2, "No such file or directory"), NotFound),
    (store.NotFoundError("Object at location a not found"), NotFound),
    (pl.exceptions.ComputeError("Generic S3 error: NoSuchBucket"), NotFound),
    (PermissionError(13, "Permission denied"), AccessDenied),
    (store.PermissionDeniedError("no"), AccessDenied),
    (store.UnauthenticatedError("no"), AccessDenied),
    (pl.exceptions.ComputeError(S3_DENIED), AccessDenied),
    (OSError("object-store error: Generic MicrosoftAzure error: 403 AuthenticationFailed"), AccessDenied),
    (store.PermissionDeniedError("403 Forbidden for http://127.0.0.1:40404/a/container-9540400/404"), AccessDenied),
    (OSError("Generic S3 error: 403 Forbidden for http://s3/container/404"), AccessDenied),
    (OSError("Generic S3 error: 403 Forbidden, request 4e404d"), AccessDenied),
    (OSError("Generic S3 error: Client error with status 404 Not Found"), NotFound),
    (
        store.GenericError("Generic S3 error: error sending request for url (http://s3/a?X-Amz-Signature=abc)"),
        Unreachable,
    ),
    (OSError("object-store error: Generic S3 error: timed out"), Unreachable),
    (OSError("Generic S3 error: 400 Bad Request: <?xml?><Error><Code>ExpiredToken</Code></Error>"), AccessDenied),
    (OSError("Generic S3 error: 503 Service Unavailable: <?xml?><Error><Code>SlowDown</Code></Error>"), Throttled),
    (OSError("parquet: File out of specification: incorrect magic in parquet footer"), RefusedBatch),
    (OSError("unexpected end of file"), RefusedBatch),
    (pl.exceptions.NoDataError("empty CSV"), RefusedBatch),
    (
        pl.exceptions.ComputeError("parquet: File out of specification: zstd error: Data corruption detected"),
        RefusedBatch,
    ),
    (pl.exceptions.SchemaError("invalid"), RefusedBatch),
    (IsADirectoryError(21, "Is a directory"), RefusedBatch),
]


@pytest.mark.parametrize(("error", "expected"), CASES, ids=lambda case: getattr(case, "__name__", str(case)[:40]))
def test_it_is_ours_and_names_the_file(error: Exception, expected: type[FinopsError]) -> None:
    found = unreadable(error, "bills/a.csv")
    assert type(found) is expected
    assert found.where == "bills/a.csv"
    assert found.remedy
    assert "AKIA" not in str(found)
    assert "Signature=abc" not in str(found)


def test_every_exception_of_the_libraries_is_mapped() -> None:
    for library, base in ((store, store.BaseError), (pl.exceptions, pl.exceptions.PolarsError)):
        kinds = [kind for kind in vars(library).values() if isinstance(kind, type) and issubclass(kind, base)]
        assert len(kinds) > 5
        for kind in kinds:
            assert isinstance(unreadable(kind("something"), "a.csv"), FinopsError)
