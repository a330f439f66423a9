"""The outermost layer: who is asking, stored bytes at once, everything else to the API."""

from __future__ import annotations

import asyncio
from math import ceil

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finops.errors import Transient, fault_place
from finops.web.edge.access import Access
from finops.web.edge.body_limit import TOO_BIG, announces_too_much, limited
from finops.web.edge.caller import Caller, Role, with_caller
from finops.web.edge.refusals import Refusal, Refusals
from finops.web.edge.same_origin import Site
from finops.web.edge.sign_ins import SignInsPaused
from finops.web.protocol.negotiation import accepts_gzip, wants_openmetrics
from finops.web.protocol.problem import refusal
from finops.web.protocol.stored_response import SECURITY, Headers, Response
from finops.web.published import PublishedState

_log = structlog.get_logger(__name__)

_READS = ("GET", "HEAD")
_SAFE = (*_READS, "OPTIONS")
_ALLOW = [(b"allow", b"GET, HEAD, OPTIONS")]
_PAUSED = "Too many sign-ins have failed. Try again in {} seconds."
_SIGN_IN = "Authentication required: a token or a login."
_THROUGH_THE_PROXY = "Sign in through the proxy in front of this service."
_FOREIGN_HOST = "Unknown Host. Set http.external_url in finops.yaml to the public URL of this service."
_MALFORMED = "The Host or Origin header is malformed. Send each once, as host or host:port."
_CROSS_SITE = "The request came from another site. Use the pages of this service."
_FORBIDDEN = "This login has read access only; changes require the responder role."
_NOT_THEIRS = "This login sees the costs of its teams only, and metrics are of all teams."
_NOT_ALLOWED = "Method not allowed: use GET or HEAD."
_STOPPING = "The service is stopping."
_STARTING = "Starting: no evaluation has been published yet."
_UNREACHABLE = "The state or the lake is unreachable. See the log of the service."
BROKEN = "Internal error. See the log of the service."


class Edge:
    """An ASGI application around another.

    Every path but ``/healthz`` needs a role: viewer to read, responder for any other method, so that no route can
    forget to ask; no other site's page can change anything. Security headers go on every response.
    """

    def __init__(
        self, app: ASGIApp, board: PublishedState, access: Access, site: Site, refusals: Refusals | None = None
    ) -> None:
        self._app = app
        self._board = board
        self._access = access
        self._site = site
        self._refusals = refusals or Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except ClientDisconnect:
            pass
        except asyncio.CancelledError:  # the service stops, and this request took longer than it waits
            if not started:
                await refusal(scope["path"], 503, _STOPPING).send(watched, with_body=not head)
        except Transient as error:  # the application cannot be made yet: it needs the state
            _log.error("http.unavailable", path=scope["path"], error=str(error))
            if not started:
                again = [(b"retry-after", b"5")]
                await refusal(scope["path"], 503, _UNREACHABLE, again).send(watched, with_body=not head)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever broke, a client gets plain words
            _log.error("http.broken", path=scope["path"], fault=fault_place(error))
            if not started:
                await refusal(scope["path"], 500, BROKEN).send(watched, with_body=not head)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._site.is_malformed(scope["headers"]):
            self._refusals.add(Refusal.MALFORMED, _peer(scope))
            ready: Response | None = refusal(scope["path"], 400, _MALFORMED)
            caller = None
        else:
            try:
                caller = None if scope["path"] == "/healthz" else self._access.caller(scope)
                ready = self._ready(scope, caller)
            except SignInsPaused as paused:
                seconds = ceil(paused.seconds)
                caller, ready = None, refusal(scope["path"], 429, _PAUSED.format(seconds), _retry_after(seconds))
        if ready is not None:
            await ready.send(send, with_body=scope["method"] != "HEAD")
        else:
            await self._pass_on(with_caller(scope, caller) if caller else scope, limited(receive), send)

    def _ready(self, scope: Scope, caller: Caller | None) -> Response | None:
        """What is known without asking the API."""
        if scope["path"] == "/healthz":
            return None
        refused = self._refusal(scope, caller)
        if refused is None and caller is not None and caller.teams is not None and scope["path"] == "/metrics":
            refused = refusal(scope["path"], 403, _NOT_THEIRS)
        return refused or self._stored(scope["path"], scope["method"], dict(scope["headers"]))

    def _refusal(self, scope: Scope, caller: Caller | None) -> Response | None:
        path, method, fields = scope["path"], scope["method"], scope["headers"]
        if self._access.is_open and self._site.is_foreign_host(fields):
            return refusal(path, 421, _FOREIGN_HOST)
        if caller is None:
            challenges = self._access.challenges()
            return refusal(path, 401, _SIGN_IN, challenges) if challenges else refusal(path, 403, _THROUGH_THE_PROXY)
        if announces_too_much(fields):
            self._refusals.add(Refusal.BODY_SIZE, _peer(scope))
            return refusal(path, 413, TOO_BIG, [(b"connection", b"close")])
        if method in _SAFE:
            return None
        if caller.role < Role.RESPONDER:
            return refusal(path, 403, _FORBIDDEN)
        return refusal(path, 403, _CROSS_SITE) if self._site.is_cross_site(fields) else None

    def _stored(self, path: str, method: str, headers: dict[bytes, bytes]) -> Response | None:
        current = self._board.current
        if current is None:
            return refusal(path, 503, _STARTING, _retry_after(2)) if path in {"/", "/metrics"} else None
        document = current.documents.get(path)
        if document is None and path != "/metrics":
            return None
        if method == "OPTIONS":
            return Response(204, [*_ALLOW, *SECURITY], b"")
        if method not in _READS:
            return refusal(path, 405, _NOT_ALLOWED, _ALLOW)
        gzipped = accepts_gzip(headers.get(b"accept-encoding", b""))
        if document is not None:
            return document.response(if_none_match=headers.get(b"if-none-match"), gzipped=gzipped)
        openmetrics = wants_openmetrics(headers.get(b"accept", b""))
        return current.metrics.response(openmetrics=openmetrics, gzipped=gzipped)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = scope["method"] == "HEAD"

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                added = [(name, text) for name, text in SECURITY if name not in given]
                message = {**message, "headers": [*message["headers"], *added]}
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # HEAD is GET without its body; the API's routes know GET only
        await self._app({**scope, "method": "GET"} if head else scope, receive, secured)


def _peer(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _retry_after(seconds: int) -> Headers:
    return [(b"retry-after", str(seconds).encode())]
