"""The addresses of pages, of their drawings and of their forms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import MappingProxyType
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from finops.errors import BadArguments, InvalidValue, UnknownAlert, UnknownSaving, UnknownSilence
from finops.model.age import age
from finops.model.audit import Actor
from finops.model.invoice import parse_month
from finops.ports.exporter import Document
from finops.ports.pages import PageRequest, Reader
from finops.web.edge.caller import caller_of
from finops.web.edge.csrf import FIELD, form_token, posted_form
from finops.web.pages.form_actions import accept, acknowledge, claim_saving, lift, silence
from finops.web.pages.page_cache import Kept
from finops.web.pages.page_data import Facts, PagePorts
from finops.web.protocol.negotiation import accepts_gzip
from finops.web.protocol.stored_response import StoredDocument
from finops.web.published import Published, PublishedState

_DRAWING_AT_ONCE = 2
"""A drawing is a tenth of a second of one core: more at once would only keep other pages waiting."""

_Form = Annotated[FormData, Depends(posted_form)]


def add_pages(
    app: FastAPI, board: PublishedState, ports: PagePorts, paths: Sequence[str], *, forms: bool = True
) -> None:
    """Adds the pages at ``paths``, drawings and, unless its readers may change nothing, forms to ``app``.

    Reading needs the role viewer, forms responder: see the edge.
    """
    pages = _Pages(board, ports)
    for path in paths:
        app.get(path, include_in_schema=False)(pages.read)
    app.get("/charts/{place}/{name}.svg", include_in_schema=False)(pages.chart)
    if not forms:
        return
    app.post("/alerts/{alert_id}/acknowledge", include_in_schema=False)(pages.acknowledge)
    app.post("/alerts/{alert_id}/accept", include_in_schema=False)(pages.accept)
    app.post("/alerts/{alert_id}/silence", include_in_schema=False)(pages.silence)
    app.post("/silences/{silence_id}/lift", include_in_schema=False)(pages.lift)
    app.post("/teams/{name}/sign-off", include_in_schema=False)(pages.sign_off)
    app.post("/savings", include_in_schema=False)(pages.claim_saving)
    app.post("/savings/{claim_id}/withdraw", include_in_schema=False)(pages.withdraw_saving)
    app.post("/collect", include_in_schema=False)(pages.collect)
    app.post("/evaluate", include_in_schema=False)(pages.evaluate)


class _Pages:
    def __init__(self, board: PublishedState, ports: PagePorts) -> None:
        self._board = board
        self._ports = ports
        self._kept = Kept()
        self._drawing = ThreadPoolExecutor(_DRAWING_AT_ONCE, "drawing")

    def read(self, request: Request) -> Response:
        current = self._current()
        caller = caller_of(request)
        # a form holds its reader's token, and who may send none is shown none; whose costs are shown is theirs, too
        whose = caller.actor.name if caller.may_respond else "", caller.teams
        key = (request.scope["path"], tuple(request.query_params.multi_items()), self._age(current), whose)
        stored = self._kept.get(current, key, partial(self._page, request, current))
        return _sent(request, _found(stored))

    async def chart(self, request: Request, place: str, name: str) -> Response:
        current = self._current()
        query = dict(request.query_params)
        key = ("chart", place, name, tuple(sorted(query.items())))
        make = partial(self._kept.get, current, key, partial(current.pages.chart, place, name, query))
        return _sent(request, _found(await asyncio.get_running_loop().run_in_executor(self._drawing, make)))

    def acknowledge(self, request: Request, alert_id: str, form: _Form) -> Response:
        return self._respond(acknowledge, request, alert_id, form)

    def accept(self, request: Request, alert_id: str, form: _Form) -> Response:
        return self._respond(accept, request, alert_id, form)

    def silence(self, request: Request, alert_id: str, form: _Form) -> Response:
        return self._respond(silence, request, alert_id, form)

    def _respond(
        self,
        act: Callable[[PagePorts, Actor, str, Mapping[str, str]], None],
        request: Request,
        alert_id: str,
        form: FormData,
    ) -> Response:
        try:
            act(self._ports, caller_of(request).actor, alert_id, _texts(form))
        except BadArguments as error:
            return self._again(request, f"/alerts/{alert_id}", error, form)
        except UnknownAlert as error:
            raise HTTPException(404, str(error)) from error
        return _see(f"/alerts/{alert_id}")

    def lift(self, request: Request, silence_id: str, form: _Form) -> Response:
        try:
            lift(self._ports, caller_of(request).actor, silence_id, _texts(form))
        except (BadArguments, UnknownSilence) as error:
            return self._again(request, "/alerts", error, form)
        return _see("/alerts")

    def sign_off(self, request: Request, name: str, form: _Form) -> Response:
        typed = _texts(form)
        month = typed.get("month", "")
        try:
            first = parse_month(month)
            self._ports.teams.sign_off(name, first, actor=caller_of(request).actor, note=typed.get("note", ""))
        except BadArguments as error:
            return self._again(request, f"/teams/{name}", error, form, {"month": month})
        except InvalidValue as error:
            raise HTTPException(422, error.what) from error
        return _see(f"/teams/{quote(name, safe='')}?month={first:%Y-%m}")

    def claim_saving(self, request: Request, form: _Form) -> Response:
        try:
            claim_saving(self._ports, caller_of(request).actor, _texts(form))
        except BadArguments as error:
            return self._again(request, "/savings", error, form)
        return _see("/savings")

    def withdraw_saving(self, request: Request, claim_id: str, form: _Form) -> Response:
        try:
            self._ports.savings.withdraw(claim_id, actor=caller_of(request).actor)
        except UnknownSaving as error:
            return self._again(request, "/savings", error, form)
        return _see("/savings")

    def collect(self, request: Request, form: _Form) -> Response:
        try:
            self._ports.work.collect(_texts(form).get("source", ""), caller_of(request).actor)
        except BadArguments as error:
            return self._again(request, "/sources", error, form)
        return _see("/sources")

    def evaluate(self, request: Request, form: _Form) -> Response:  # noqa: ARG002 - to be proven, it has no fields
        self._ports.work.evaluate(caller_of(request).actor)
        return _see("/")

    def _again(
        self,
        request: Request,
        path: str,
        error: Exception,
        form: FormData,
        query: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        """The page that the form stood on, with what is wrong and what was typed."""
        current = self._current()
        asked = PageRequest(path, query, _reader(request), fault=str(error), typed=_texts(form))
        document = current.pages.page(asked, Facts(self._ports, current))
        if document is None:
            raise HTTPException(404)
        return Response(document.body, 422, {"cache-control": "no-store"}, document.content_type)

    def _page(self, request: Request, current: Published) -> Document | None:
        asked = PageRequest(request.scope["path"], dict(request.query_params), _reader(request))
        return current.pages.page(asked, Facts(self._ports, current))

    def _age(self, current: Published) -> str:
        """Every page says how old the evaluation is: once that reads differently, it is made anew."""
        return age(current.snapshot.as_of, self._ports.clock.now()) if current.snapshot else ""

    def _current(self) -> Published:
        current = self._board.current
        if current is None:
            raise HTTPException(503, "Starting: no evaluation has been published yet.", {"Retry-After": "2"})
        return current


def _reader(request: Request) -> Reader:
    caller = caller_of(request)
    return Reader(caller.actor.name, caller.may_respond, FIELD, form_token(request))


def _texts(form: FormData) -> Mapping[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _found(stored: StoredDocument | None) -> StoredDocument:
    if stored is None:
        raise HTTPException(404)
    return stored


def _see(path: str) -> Response:
    """A reload of what follows sends no form again."""
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _sent(request: Request, stored: StoredDocument) -> Response:
    headers = request.headers
    ready = stored.response(
        if_none_match=headers["if-none-match"].encode("latin-1") if "if-none-match" in headers else None,
        gzipped=accepts_gzip(headers.get("accept-encoding", "").encode("latin-1")),
    )
    response = Response(ready.body, ready.status)
    response.raw_headers = list(ready.headers)
    return response
