"""What Polars, obstore and the operating system say about a file that cannot be read -> our errors."""

from __future__ import annotations

import re

from obstore.exceptions import (
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)

from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable

_CODE = re.compile(r"<Code>(\w+)</Code>")
_SIGN_IN = ("ExpiredToken", "InvalidToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed")
_BUSY = ("SlowDown", "ServerBusy", "429 Too Many", "503 Service")
_ACCESS = ("403", "401", "AccessDenied", "Forbidden", "Unauthorized", "AuthenticationFailed", "InvalidAccessKeyId")
_MISSING = ("404", "NoSuchKey", "NoSuchBucket", "BlobNotFound", "ContainerNotFound", "No such file")
_AGAIN = "Export the bill again"
_DAMAGE = (
    ("empty CSV", "the file is empty", _AGAIN),
    ("invalid utf-8", "the file is not UTF-8", "Save it as UTF-8"),
    ("found more fields", "a row has more values than the header has columns", "Put values with a comma into quotes"),
    ("dtype `str` at column '(.*)'", "a quote in the column {} is not closed", f"{_AGAIN}: it seems truncated"),
    (
        "CSV malformed",
        "an unquoted value contains a quote",
        'Quote the value and double the quotes inside it, like "19"" rack"',
    ),
    ("unexpected end of file", "the file is truncated", _AGAIN),
    (
        "must end with PAR1|magic in parquet footer|magic bytes not found|minimum file footer|must contain a header",
        "the file is truncated, or not a Parquet file",
        _AGAIN,
    ),
    ("checksum|corrupt", "the file is damaged", _AGAIN),
)
_STORE = (
    *("Generic S3 error", "Generic MicrosoftAzure error", "Generic GCS error"),
    *("object-store error", "error sending request"),
)


def unreadable(error: Exception, name: str) -> FinopsError:  # noqa: PLR0911 - a table of causes
    """The error to raise for file ``name``: missing, forbidden, out of reach for now, or damaged."""
    # the first paragraph: what follows is advice to programmers, a server's answer, or a trace
    said = " ".join(re.split(r"\n\s*\n|<\?xml|Debug source", str(error))[0].split())
    said = re.sub(r"\?\S+", "", said)  # a query string may hold a signature
    shown = said[:200]
    refused = isinstance(error, PermissionError | PermissionDeniedError | UnauthenticatedError)
    if isinstance(error, FileNotFoundError | NotFoundError) or (not refused and _says(said, _MISSING)):
        return NotFound("no such file", where=name, remedy="Check the path, or collect again if it was replaced")
    code = _CODE.search(str(error))
    if code and code[1] in _SIGN_IN:
        return AccessDenied(f"the store rejects the credentials ({code[1]})", where=name, remedy="Renew them")
    if refused:
        return AccessDenied("access to the file is denied", where=name, remedy="Grant finops permission to read it")
    if isinstance(error, BaseError) or _says(said, _STORE):
        if _says(said, _ACCESS):
            return AccessDenied(
                "access to the file is denied", where=name, remedy="Grant finops permission to list and read it"
            )
        if _says(said, _BUSY):
            return Throttled("the store is throttling requests", where=name, remedy="It is retried automatically")
        return Unreachable(f"the store did not respond: {shown}", where=name, remedy="Check endpoint and network")
    for pattern, what, remedy in _DAMAGE:
        if found := re.search(pattern, said):
            return RefusedBatch(what.format(*found.groups()), where=name, remedy=remedy)
    return RefusedBatch(f"the file cannot be read: {shown}", where=name, remedy=_AGAIN)


def _says(said: str, words: tuple[str, ...]) -> bool:
    # whole words outside addresses: the name of a container, a port or a request's id may hold "404" too
    without_addresses = re.sub(r"\w+://\S+", "", said)
    return any(re.search(rf"\b{re.escape(word)}\b", without_addresses) for word in words)
