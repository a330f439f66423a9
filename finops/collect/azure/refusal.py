"""What Azure Resource Manager answers when it does not answer the question -> our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable
from finops.http_client import retry_after_seconds

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError

_BILLING = "/providers/microsoft.billing/"
_LONGEST = 400


def refusal(  # noqa: PLR0911 - a table of statuses
    error: AzureError, where: str, *, permission: str, now: datetime, role: str = "Cost Management Reader"
) -> FinopsError:
    """The error to raise. ``where``: what was asked of whom. ``permission``: the role action that is needed, ``role``:
    one that has it."""
    from azure.core.exceptions import DecodeError, HttpResponseError  # noqa: PLC0415 - slow, and only for Azure

    if isinstance(error, DecodeError):
        return Unreachable(
            "the response is truncated, or not JSON", where=where, remedy="Check endpoint: and any proxy"
        )
    if not isinstance(error, HttpResponseError) or error.response is None:
        what = f"Azure does not answer ({type(error).__name__})"
        return Unreachable(what, where=where, remedy="Check the network and endpoint:")
    status, said = error.status_code or 0, _said(error)
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    if status == 429:
        seconds = retry_after_seconds(headers, now)
        remedy = "It is retried with the next collection; use fewer sources or a longer every: to send fewer requests"
        return Throttled("Azure is throttling requests", where=where, remedy=remedy, retry_after_seconds=seconds)
    if status == 401:
        return AccessDenied(f"Azure rejects the token: {said}", where=where, remedy="Sign in again; check sign_in:")
    if status == 403:
        return AccessDenied(f"Azure rejects the request: {said}", where=where, remedy=_grant(where, permission, role))
    if status == 404:
        return NotFound(
            f"Azure does not find it: {said}", where=where, remedy="Check the ID, and the cloud of endpoint:"
        )
    if status >= 500 or status == 408:
        seconds = retry_after_seconds(headers, now)
        remedy = "It is retried with the next collection"
        return Unreachable(f"Azure failed ({status})", where=where, remedy=remedy, retry_after_seconds=seconds)
    return RefusedBatch(f"Azure rejects the request: {said}", where=where, remedy="Change the request in finops.yaml")


def _grant(where: str, permission: str, role: str) -> str:
    if _BILLING in where.lower():
        return "Grant the identity a reader role on the billing account; Azure RBAC roles do not apply to it"
    return f"Grant {permission} on the scope; the role {role} includes it"


def _said(error: AzureError) -> str:
    """Azure's own message in one line: it names what is allowed instead."""
    inner = getattr(error, "error", None)
    said = getattr(inner, "message", None) or error.message or type(error).__name__
    line = " ".join(re.sub(r"\(Request ID: [^)]*\)", "", str(said)).split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
