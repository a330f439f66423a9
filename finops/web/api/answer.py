"""JSON answers: one document or one page, not sent twice when unchanged, compressed where that can be read."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from finops.model.snapshot import Snapshot
from finops.web.api.openapi import ROLE
from finops.web.edge.caller import Caller, caller_of
from finops.web.protocol.negotiation import accepts_gzip
from finops.web.published import Published, PublishedState


class Document(BaseModel):
    """Exact: what is not described is not sent. Times are UTC, days ISO 8601, amounts decimal strings."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class RequestedDocument(Document):
    """Work that the leading replica will do."""

    requested_at: datetime


def requested(at: datetime) -> Response:
    """202: what was asked for is remembered, and not yet done."""
    body = encoded_document(RequestedDocument(requested_at=at))
    return Response(body, 202, {"Cache-Control": "no-store"}, _JSON)


def _responder(caller: Annotated[Caller, Depends(caller_of)]) -> None:
    if not caller.may_respond:
        raise HTTPException(403, "This login has the viewer role; this request requires the responder role.")


FOR_RESPONDERS: dict[str, Any] = {
    "dependencies": [Depends(_responder)],
    "openapi_extra": {ROLE: "responder"},
}
"""Arguments of a route's decorator."""


def published_of(board: PublishedState) -> Published:
    """Raises ``HTTPException`` 503 before anything was published."""
    if board.current is None:
        raise HTTPException(503, "Starting: no evaluation has been published yet.", {"Retry-After": "2"})
    return board.current


def snapshot_of(board: PublishedState) -> Snapshot:
    """Raises ``HTTPException`` 503 before the first evaluation: an empty list would say that all is well."""
    snapshot = published_of(board).snapshot
    if snapshot is None:
        raise HTTPException(503, "No evaluation yet.", {"Retry-After": "5"})
    return snapshot


MOST = 10_000
"""Items of one answer."""

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Of the moments and days that can be asked about: beyond them, the calendar of computers ends."""


class Query(BaseModel):
    """Parameters of a question; an unknown one is a fault, so that a misspelt filter does not show everything."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Query):
    """Which part of a list is wanted."""

    limit: int = Field(default=1000, ge=1, le=MOST, description="Maximum number of items to return")
    offset: int = Field(default=0, ge=0, le=10**9, description="Number of items to skip")


_JSON = "application/json"
_SMALL = 1024
"""Bytes; less is not worth compressing."""


def answer(request: Request, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """200 with ``body``, or 304 where the client has it already.

    The tag is weak: the same content compressed and plain has one tag.
    """
    tag = tag_of(body)
    return unchanged(request, tag) or _sent(request, body, {**(headers or {}), "ETag": tag})


def tag_of(*parts: bytes) -> str:
    """An entity tag for content that ``parts`` decide."""
    return f'W/"{hashlib.sha256(b"|".join(parts)).hexdigest()[:20]}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """304 where the client says that it has ``tag``."""
    given = request.headers.get("if-none-match", "")
    known = {one.strip().removeprefix("W/") for one in given.split(",")}
    if given.strip() != "*" and tag.removeprefix("W/") not in known:
        return None
    return Response(status_code=304, headers={"ETag": tag, **_CACHING})


def page_of(request: Request, page: PageQuery, items: Sequence[bytes], total: int) -> Response:
    """A list of which ``items`` are one page and ``total`` the number of all; ``Link`` names the pages beside it."""
    return answer(request, b"[" + b",".join(items) + b"]", page_headers(request, page, total))


def page_headers(request: Request, page: PageQuery, total: int) -> dict[str, str]:
    """``X-Total-Count`` and ``Link`` (RFC 8288)."""
    links = []
    if page.offset > 0:
        links.append(_link(request, page, max(0, page.offset - page.limit), "prev"))
    if page.offset + page.limit < total:
        links.append(_link(request, page, page.offset + page.limit, "next"))
    return {"X-Total-Count": str(total), **({"Link": ", ".join(links)} if links else {})}


def encoded(value: object) -> bytes:
    """JSON in ASCII: whatever a bill's names hold, half a surrogate pair too, the bytes are valid."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def encoded_document(document: BaseModel) -> bytes:
    return encoded(document.model_dump(mode="json", by_alias=True))


def sent(request: Request, body: bytes, tag: str, headers: Mapping[str, str] | None = None) -> Response:
    """200 for content whose tag is known without making it."""
    return _sent(request, body, {**(headers or {}), "ETag": tag})


_CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}


def _sent(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    own = {**headers, **_CACHING}
    if len(body) > _SMALL and accepts_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
        body, own = gzip.compress(body, compresslevel=4, mtime=0), {**own, "Content-Encoding": "gzip"}
    return Response(body, 200, own, _JSON)


def _link(request: Request, page: PageQuery, offset: int, relation: str) -> str:
    others = [(key, value) for key, value in request.query_params.multi_items() if key not in {"limit", "offset"}]
    query = urlencode([*others, ("limit", page.limit), ("offset", offset)])
    return f'<{request.url.path}?{query}>; rel="{relation}"'
