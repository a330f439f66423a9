"""Responses that are ready before anybody asks."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from starlette.types import Send

from finops.ports.exporter import Body, Document, Exposition

Headers = list[tuple[bytes, bytes]]

_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STANDALONE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For a document that brings its style along, as a file has to: no script, nothing fetched."""

SECURITY: Headers = [
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # not no-referrer: with that, browsers send "Origin: null" with our own forms
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""On every response: nothing from elsewhere, no scripts, no frames."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers
    body: bytes

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


@dataclass(frozen=True, slots=True)
class StoredMetrics:
    """``/metrics`` in two formats, each plain and gzipped."""

    text: tuple[Response, Response]
    openmetrics: tuple[Response, Response]

    @classmethod
    def of(cls, exposition: Exposition) -> StoredMetrics:
        return cls(_both(exposition.text), _both(exposition.openmetrics))

    def response(self, *, openmetrics: bool, gzipped: bool) -> Response:
        return (self.openmetrics if openmetrics else self.text)[gzipped]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A page or an asset, plain and gzipped; unchanged content is not sent twice."""

    etag: bytes
    plain: Response
    gzipped: Response
    unchanged: Response

    @classmethod
    def of(cls, document: Document) -> StoredDocument:
        etag = b'"' + hashlib.sha256(document.body).hexdigest()[:20].encode() + b'"'
        headers = [(b"etag", etag), (b"cache-control", b"private, no-cache"), (b"vary", b"Accept-Encoding")]
        packed = gzip.compress(document.body, compresslevel=6, mtime=0)
        return cls(
            etag=etag,
            plain=response_of(document.status, document.content_type, document.body, headers),
            gzipped=response_of(document.status, document.content_type, packed, [*headers, _GZIP]),
            unchanged=Response(304, [*headers, *SECURITY], b""),
        )

    def response(self, *, if_none_match: bytes | None, gzipped: bool) -> Response:
        if if_none_match is not None and self.etag in if_none_match:
            return self.unchanged
        return self.gzipped if gzipped else self.plain


_GZIP = (b"content-encoding", b"gzip")


def _both(body: Body) -> tuple[Response, Response]:
    headers = [(b"cache-control", b"no-store"), (b"vary", b"Accept, Accept-Encoding")]
    return (
        response_of(200, body.content_type, body.plain, headers),
        response_of(200, body.content_type, body.gzip, [*headers, _GZIP]),
    )


def response_of(status: int, content_type: str, body: bytes, headers: Headers) -> Response:
    """A response with its length and the security headers."""
    own = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    return Response(status, [*own, *headers, *SECURITY], body)
