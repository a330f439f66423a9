"""What S3 says when it refuses, from its documented error codes
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""

from __future__ import annotations

from collections.abc import Callable

from tests.contract.sources.place import Case
from tests.servers.faulty import Answer, Asked, Cut, Fault

_BODY = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
_XML = {"Content-Type": "application/xml"}


def refusal(status: int, code: str, message: str = "The request is refused.") -> Answer:
    return Answer(status, _BODY.format(code=code, message=message).encode(), _XML)


EXPIRED = refusal(400, "ExpiredToken", "The provided token has expired.")
DENIED = refusal(403, "AccessDenied", "Access Denied")
SLOW_DOWN = refusal(503, "SlowDown", "Please reduce your request rate.")


def fault_of(case: Case, is_bill: Callable[[Asked], bool]) -> Fault:
    """``is_bill``: whether a request is for rows of a bill."""
    always = {Case.EXPIRED: EXPIRED, Case.DENIED: DENIED, Case.THROTTLED: SLOW_DOWN}
    if case in always:
        return lambda _: always[case]
    return lambda asked: Cut() if asked.method == "GET" and is_bill(asked) else None


def at_first(answer: Answer, times: int) -> Fault:
    """The answer to the first requests; after them all is well."""
    left = [answer] * times
    return lambda _: left.pop() if left else None
