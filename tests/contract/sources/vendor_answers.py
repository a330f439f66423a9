"""What the interfaces of AI vendors say when they refuse: HTTP statuses with a JSON error
(https://platform.openai.com/docs/guides/error-codes, https://platform.claude.com/docs/en/api/errors)."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.sources.place import Case
from tests.servers.faulty import Answer, Asked, Cut, Fault

_NO_PARTS = "an answer announces no parts, rows or digests; its pages are followed by their own cursors"
GAPS = {
    Case.ACCOUNT: "the interface knows no account numbers; the account is configured, or the organisation's id",
    Case.CORRECTED: "the report tells costs by the day of their usage and does not set corrections apart",
    Case.VANISHED: "a month that is asked for is always answered, if only with no rows",
    Case.PART_MISSING: _NO_PARTS,
    Case.HALF_WRITTEN: _NO_PARTS,
    Case.WRONG_DIGEST: _NO_PARTS,
    Case.WRONG_ROW_COUNT: _NO_PARTS,
}
_JSON = {"Content-Type": "application/json"}
_ANSWERS: Mapping[Case, Answer | Cut] = {
    Case.THROTTLED: Answer(429, b'{"error": {"message": "Slow down."}}', {**_JSON, "Retry-After": "1"}),
    Case.EXPIRED: Answer(401, b'{"error": {"message": "The key very-secret has expired."}}', _JSON),
    Case.DENIED: Answer(403, b'{"error": {"message": "The key very-secret lacks a scope."}}', _JSON),
    Case.TRUNCATED: Answer(200, b'{"data": [{"results": [', _JSON),
    Case.CUT: Cut(),
}


def fault_of(case: Case, path: str) -> Fault:
    """``path``: of the cost report."""
    return lambda asked: _ANSWERS[case] if _is(asked, path) else None


def _is(asked: Asked, path: str) -> bool:
    return asked.path.partition("?")[0].endswith(path)
