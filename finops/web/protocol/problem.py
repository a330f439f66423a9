"""What is said when a request cannot be answered: a problem document (RFC 9457) under /api/, a sentence elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from finops.web.protocol.stored_response import Headers, Response, response_of

PROBLEM = "application/problem+json"
_WORDS = "text/plain; charset=utf-8"


class Fault(BaseModel):
    """One thing that is wrong with a request, and where."""

    model_config = ConfigDict(extra="forbid")

    at: str = Field(description="Location", examples=["query/limit", "body/until"])
    detail: str


class Problem(BaseModel):
    """Why a request was not answered, as RFC 9457 says it. ``type`` is always about:blank: ``status`` says it all."""

    model_config = ConfigDict(extra="forbid")

    type: str = "about:blank"
    title: str = Field(description="Reason phrase of the status", examples=["Not Found"])
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong, and how to fix it")
    faults: list[Fault] | None = Field(default=None, description="All errors, if there are several")


def refusal(
    path: str, status: int, sentence: str, headers: Headers | None = None, *, faults: Sequence[Fault] = ()
) -> Response:
    """The response that says ``sentence`` in the form that ``path`` calls for."""
    own = [(b"cache-control", b"no-store"), *(headers or [])]
    if not path.startswith("/api/"):
        return response_of(status, _WORDS, f"{sentence}\n".encode(errors="replace"), own)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
    }
    if faults:
        problem["faults"] = [fault.model_dump() for fault in faults]
    return response_of(status, PROBLEM, json.dumps(problem).encode(), own)
