"""Downloadable statements: made when somebody asks for one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from finops.app.exporters import statement_exporter
from finops.app.reporting import Statements
from finops.config.plugins import Plugins
from finops.errors import BadArguments, InvalidValue, MissingRate, NotFound
from finops.model.invoice import parse_month
from finops.ports.exporter import Document
from finops.web.protocol.stored_response import STANDALONE_POLICY

_AT_ONCE = 1
"""Each reads three months of the rollup: the others wait without holding a thread."""


def add_statements(app: FastAPI, statements: Statements) -> None:
    """``/statements/2026-10.xlsx``: what ``finops report`` writes. Reading needs the role viewer: see the edge.

    ``by`` in the query: as ``--by``. The page opens in the browser, under a policy that allows the style that it brings
    along and nothing else.
    """
    own = statements if statements.site is not None else replace(statements, site="")
    turns = asyncio.Semaphore(_AT_ONCE)

    async def statement(request: Request, month: str, form: str) -> Response:
        async with turns:
            document = await run_in_threadpool(_made, own, month, form, request.query_params.get("by"))
        way = "inline" if form == "html" else "attachment"
        headers = {"content-disposition": f'{way}; filename="statement-{month}.{form}"', "cache-control": "no-store"}
        if form == "html":
            headers["content-security-policy"] = STANDALONE_POLICY
        return Response(document.body, 200, headers, document.content_type)

    app.get("/statements/{month}.{form}", include_in_schema=False)(statement)


def _made(statements: Statements, month: str, form: str, by: str | None) -> Document:
    if form not in Plugins("finops.statements").kinds:
        raise HTTPException(404)
    try:
        first = parse_month(month)
    except InvalidValue as error:
        raise BadArguments(error.what, where="month", remedy=error.remedy) from error
    try:
        return statement_exporter(form).render(statements.make(first, by=by or None))
    except NotFound as error:
        raise HTTPException(404, str(error)) from error
    except MissingRate as error:
        raise HTTPException(409, str(error)) from error
