"""What Blob Storage says when it refuses, from its documented error codes
(https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes and …/blob-service-error-codes)."""

from __future__ import annotations

from collections.abc import Callable

from tests.contract.sources.place import Case
from tests.contract.sources.s3_answers import at_first
from tests.servers.faulty import Answer, Asked, Cut, Fault

_BODY = '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'


def refusal(status: int, code: str, message: str) -> Answer:
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    return Answer(status, _BODY.format(code=code, message=message).encode(), headers)


EXPIRED = refusal(401, "InvalidAuthenticationInfo", "Lifetime validation failed. The token is expired.")
DENIED = refusal(
    403,
    "AuthorizationPermissionMismatch",
    "This request is not authorized to perform this operation using this permission.",
)
BUSY = refusal(503, "ServerBusy", "The server is busy.")


def fault_of(case: Case, is_bill: Callable[[Asked], bool]) -> Fault:
    """``is_bill``: whether a request is for rows of a bill."""
    if case is Case.THROTTLED:
        return at_first(BUSY, 2)
    always = {Case.EXPIRED: EXPIRED, Case.DENIED: DENIED}
    if case in always:
        return lambda _: always[case]
    return lambda asked: Cut() if asked.method == "GET" and is_bill(asked) else None
