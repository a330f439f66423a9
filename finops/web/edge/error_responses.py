"""What went wrong in a handler -> the response that says so."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from finops.documents import wrong_value
from finops.errors import (
    BadArguments,
    FinopsError,
    Transient,
    UnknownAlert,
    UnknownFinding,
    UnknownSaving,
    UnknownSilence,
)
from finops.web.edge.auth_middleware import BROKEN
from finops.web.protocol.problem import Fault, refusal
from finops.web.protocol.stored_response import Headers

_NOTHING_HERE = "Page not found."
_NO_JSON = "The body is not JSON in UTF-8."
_READ_ONLY = "Method not allowed: use GET or HEAD."
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_RETRY = 5
"""Seconds."""


def add_fault_handlers(app: FastAPI) -> None:
    """Every exception of a handler becomes a problem document or a sentence."""
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_the_question)
    app.add_exception_handler(FinopsError, _of_finops)
    app.add_exception_handler(Exception, _of_ours)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if error.status_code == 405:
        return _of_the_method(request)
    plain = {"Not Found": _NOTHING_HERE, "There was an error parsing the body": _NO_JSON}
    sentence = plain.get(str(error.detail), str(error.detail))
    headers = [(name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()]
    return _answer(request, error.status_code, sentence, headers)


def _of_the_method(request: Request) -> Response:
    """405, or what OPTIONS asks for: the methods of this address."""
    taken = methods_of(request.app.routes, request.scope)
    allow = ", ".join(sorted(taken))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allow})
    others = " or ".join(sorted(taken - {"GET", "HEAD", "OPTIONS"}))
    sentence = f"This takes {'GET, HEAD or ' if 'GET' in taken else ''}{others} only." if others else _READ_ONLY
    return _answer(request, 405, sentence, [(b"allow", allow.encode())])


def methods_of(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    """What the address of a request takes, over all routes that share it."""
    taken = {
        method for method in _METHODS for route in routes if route.matches({**scope, "method": method})[0] is Match.FULL
    }
    return taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())


async def _of_the_question(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    faults = [
        Fault(at="/".join(str(part) for part in fault["loc"]), detail=_sentence(fault)) for fault in error.errors()
    ]
    sentence = "; ".join(f"{fault.at.rpartition('/')[2]}: {fault.detail}" for fault in faults)
    return _answer(request, 422, sentence, [], faults)


async def _of_finops(request: Request, error: Exception) -> Response:
    assert isinstance(error, FinopsError)  # noqa: S101 - registered for this class only
    if isinstance(error, (UnknownAlert, UnknownFinding, UnknownSaving, UnknownSilence)):
        return _answer(request, 404, str(error), [])
    if isinstance(error, BadArguments):
        return _answer(request, 422, str(error), [])
    if isinstance(error, Transient):
        wait = max(1, round(error.retry_after_seconds or _RETRY))
        return _answer(request, 503, str(error), [(b"retry-after", str(wait).encode())])
    return _answer(request, 500, str(error), [])


async def _of_ours(request: Request, _: Exception) -> Response:
    return _answer(request, 500, BROKEN, [])  # the edge logs it


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return "it is missing"
    if detail["type"] == "extra_forbidden":
        return "there is no such parameter"
    return ". ".join(wrong_value(detail))


def _answer(
    request: Request, status: int, sentence: str, headers: Headers, faults: list[Fault] | None = None
) -> Response:
    ready = refusal(request.url.path, status, sentence, headers, faults=faults or ())
    response = Response(ready.body, ready.status)
    response.raw_headers = list(ready.headers)
    return response
