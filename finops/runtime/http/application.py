"""The HTTP application: a small API behind the edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp

import finops
from finops.model.finding import Finding, State
from finops.model.snapshot import Snapshot
from finops.ports.clock import Clock
from finops.runtime.http.access import Access
from finops.runtime.http.board import Board
from finops.runtime.http.edge import BROKEN, Edge
from finops.runtime.http.finding_document import FindingDocument
from finops.runtime.http.forms import Forms
from finops.runtime.http.site import Site

_NO_STORE = {"Cache-Control": "no-store"}
_PAGE = 1000
_PLAIN_WORDS = {404: "There is nothing here.", 405: "This can only be read (GET or HEAD)."}


def create_app(
    board: Board,
    *,
    access: Access,
    clock: Clock,
    signing_key: bytes,
    site: Site,
    alive: Callable[[], bool] = lambda: True,
) -> ASGIApp:
    """An ASGI application that serves what is on the board, to whom ``access`` lets in.

    ``signing_key``: the secret behind the tokens of forms, the same in every replica.
    ``alive``: whether the threads behind it still run; ``/healthz`` says so, so that a half-dead process is restarted.
    """
    api = FastAPI(
        title="finops",
        summary="Verdicts about what cloud, data centre and AI cost",
        version=finops.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its scripts come from a third party
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.forms = Forms(signing_key, clock)
    _add_health(api, board, clock, alive)
    _add_findings(api, board)
    api.add_exception_handler(StarletteHTTPException, _in_plain_words)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(Exception, _broken)
    return Edge(api, board, access, site)


def _add_health(api: FastAPI, board: Board, clock: Clock, alive: Callable[[], bool]) -> None:
    @api.get(
        "/healthz",
        summary="Is the process alive? Needs no role",
        response_class=PlainTextResponse,
        responses={503: {"description": "A part of the process has died; it should be restarted"}},
    )
    async def healthz() -> Response:
        if not alive():
            return PlainTextResponse("dead: the scheduler has stopped\n", 503, _NO_STORE)
        return PlainTextResponse("alive\n", 200, _NO_STORE)

    @api.get(
        "/readyz",
        summary="Is there something to show, and how old is it?",
        response_class=PlainTextResponse,
        responses={503: {"description": "Nothing has been evaluated yet"}},
    )
    async def readyz() -> Response:
        current = board.current
        if current is None or current.snapshot is None:
            return PlainTextResponse(
                "not ready: nothing has been evaluated yet\n", 503, {**_NO_STORE, "Retry-After": "5"}
            )
        as_of = current.snapshot.as_of
        age = round((clock.now() - as_of).total_seconds())
        return PlainTextResponse(
            f"ready: evaluated as of {as_of:%Y-%m-%dT%H:%M:%SZ}, {age} seconds ago\n", 200, _NO_STORE
        )


def _add_findings(api: FastAPI, board: Board) -> None:
    @api.get(
        "/api/v1/findings",
        summary="The newest verdicts, by policy and group",
        description="`X-Total-Count` says how many match; a `Link` header with `rel=next` names the next page.",
        response_model=list[FindingDocument],
        responses={503: {"description": "Nothing has been evaluated yet"}},
    )
    def findings(
        request: Request,
        policy: Annotated[str | None, Query(description="Only this policy")] = None,
        kind: Annotated[str | None, Query(description="Only this kind", examples=["Budget"])] = None,
        state: Annotated[State | None, Query(description="Only this state")] = None,
        owner: Annotated[str | None, Query(description="Only this owner")] = None,
        limit: Annotated[int, Query(ge=1, le=10 * _PAGE, description="Most findings in the answer")] = _PAGE,
        offset: Annotated[int, Query(ge=0, description="How many to pass over")] = 0,
    ) -> Response:
        wanted = {"policy": policy, "kind": kind, "state": state, "owner": owner}
        matching = [finding for finding in _snapshot(board).findings if _matches(finding, wanted)]
        headers = {**_NO_STORE, "X-Total-Count": str(len(matching))}
        if offset + limit < len(matching):
            given = {key: value for key, value in wanted.items() if value is not None}
            after = urlencode({**given, "limit": limit, "offset": offset + limit})
            headers["Link"] = f'<{request.url.path}?{after}>; rel="next"'
        return JSONResponse([finding.to_json() for finding in matching[offset : offset + limit]], headers=headers)


def _snapshot(board: Board) -> Snapshot:
    current = board.current
    if current is None or current.snapshot is None:
        # an empty list would say that no policy has anything to say
        raise HTTPException(503, "Nothing has been evaluated yet.", {"Retry-After": "5"})
    return current.snapshot


def _matches(finding: Finding, wanted: dict[str, str | None]) -> bool:
    return all(value is None or getattr(finding, name) == value for name, value in wanted.items())


async def _in_plain_words(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - registered for this class only
    return _answer(request, error.status_code, _PLAIN_WORDS.get(error.status_code, str(error.detail)), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return _answer(request, 422, faults, None)


async def _broken(request: Request, _: Exception) -> Response:
    return _answer(request, 500, BROKEN, None)  # the edge logs it


def _answer(request: Request, status: int, sentence: str, headers: object) -> Response:
    extra = {**_NO_STORE, **(headers if isinstance(headers, dict) else {})}
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status, extra)
    return PlainTextResponse(f"{sentence}\n", status, extra)
