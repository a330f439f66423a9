"""What delta-rs, obstore, polars and the operating system say -> our errors, scrubbed of anything secret."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import polars as pl
from deltalake.exceptions import DeltaError, TableNotFoundError
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError

from finops.errors import AccessDenied, BrokenStore, FinopsError, NotFound, Throttled, Unreachable

MAPPED = (DeltaError, BaseError, pl.exceptions.PolarsError, OSError)
"""All exceptions that reading or writing the lake can raise."""

_ACCESS = re.compile(
    r"40[13] (?:Forbidden|Unauthorized)|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed"
    r"|AuthorizationFailure|AuthorizationPermissionMismatch|ExpiredToken"
    r"|[Pp]ermission ?[Dd]enied|os error (?:1|13|30)\b"
)
_MISSING = re.compile(
    r"NoSuchBucket|NoSuchKey|ContainerNotFound|BlobNotFound|404 Not Found|os error 2\b|not found", re.IGNORECASE
)
_BUSY = re.compile(r"SlowDown|ServerBusy|429 Too Many|503 (?:Slow|Service)")
_AWAY = re.compile(
    r"error sending request|timed? ?out|dns error|connection|5\d\d (?:Internal|Bad|Gateway)|no healthy upstream"
    r"|Generic (?:S3|MicrosoftAzure) error",
    re.IGNORECASE,
)
_DERIVED = re.compile(r"/(?:scopes|costs_daily)(?=$|[/,])")
_RECORDS = re.compile(r"/(?:commitments|invoices)(?=$|[/,])")
_BILL = re.compile(r"/costs/source=([^/]*)/billing_period=([^/]*)/")
_BILLS = re.compile(r"/costs(?=$|[/,])")
_SERIES = re.compile(r"/(?:demand|emissions)/name=([^/]*)/")
_SERIES_TABLE = re.compile(r"/(demand|emissions)(?=$|[/,])")
_FULL = re.compile(r"os error (?:28|122)\b|No space left|quota exceeded", re.IGNORECASE)


@contextmanager
def lake_failures(where: str) -> Iterator[None]:
    """Raises ours for every exception of ``MAPPED`` inside; ``where`` is the table or file that was meant."""
    try:
        yield
    except MAPPED as error:
        raise failure(error, where) from error


def repair(where: str) -> str | None:  # noqa: PLR0911 - a table of places
    """What repairs the table or file at ``where``; None where its place does not tell."""
    if _DERIVED.search(where):
        return "Run 'finops lake rebuild', which makes this table from 'costs'"
    if _RECORDS.search(where):
        return (
            "Run 'finops lake rebuild', which makes from 'costs' what this table has of them; 'finops collect' then "
            "brings again what sources delivered"
        )
    if bill := _BILL.search(where):
        source, period = (unquote(part) for part in bill.groups())
        return (
            f"Run 'finops collect {source}', which brings the billing period {period} again, where the provider still "
            "offers it; otherwise restore this file from a backup"
        )
    if _BILLS.search(where):
        return (
            "Restore the folder 'costs' with its _delta_log from a backup. "
            "Without one, collect every source again into a new lake"
        )
    if series := _SERIES.search(where):
        return f"Run 'finops collect {unquote(series[1])}', which reads the whole series again"
    if table := _SERIES_TABLE.search(where):
        return f"Move the folder {table[1]} away and run 'finops collect', which reads every series again"
    return None


def failure(error: Exception, where: str) -> FinopsError:
    """The error to raise for ``error``."""
    found = _failure(error, where)
    if isinstance(found, BrokenStore | NotFound):
        found.remedy = repair(where) or found.remedy
    return found


def _failure(error: Exception, where: str) -> FinopsError:  # noqa: PLR0911 - a table of causes
    said = _scrubbed(error)
    if _FULL.search(said):
        return Unreachable("the disk is full", where=where, remedy="Free some space: finops lake vacuum helps")
    if isinstance(error, NotADirectoryError | FileExistsError | IsADirectoryError) or "Not a directory" in said:
        return BrokenStore("a file exists where a directory is expected", where=where, remedy="Choose another lake:")
    if isinstance(error, PermissionError | PermissionDeniedError | UnauthenticatedError) or _ACCESS.search(said):
        return AccessDenied(
            "reading or writing is not allowed",
            where=where,
            remedy="Grant finops permission to list, read, write and delete",
        )
    if _BUSY.search(said):
        return Throttled("the store is throttling requests", where=where, remedy="Try again later")
    if isinstance(error, TableNotFoundError | FileNotFoundError | NotFoundError) or _MISSING.search(said):
        return NotFound(
            "it does not exist, or was removed by vacuum", where=where, remedy="Check lake: and the age of the version"
        )
    if _AWAY.search(said):
        return Unreachable(f"the store did not respond ({said})", where=where, remedy="Check endpoint and network")
    return BrokenStore(
        f"it cannot be read ({said})",
        where=where,
        remedy="Run 'finops lake rebuild': it repairs 'scopes' and 'costs_daily', and reports broken files of 'costs'",
    )


def _scrubbed(error: Exception) -> str:
    """The first sentence: no server's answer, no query string (it may hold a signature), no debug output."""
    text = re.split(r"<\?xml|Debug source|\n\s+0: ", str(error))[0]
    return re.sub(r"\?\S+", "", " ".join(text.split()))[:300]


ATTEMPTS = 30


def pause(attempt: int) -> None:
    """A random wait that doubles up to a second, so that writers do not meet again at once."""
    time.sleep(secrets.randbelow(1000) / 1000 * min(1.0, 0.02 * 2**attempt))
