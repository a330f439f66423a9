"""The API: its routes under one version, and their description."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from finops.web.api.openapi import described

VERSION = "/api/v1"


def add_api(app: FastAPI, *routers: APIRouter) -> None:
    """Puts the routes and their description on ``app``."""
    for router in routers:
        app.include_router(router, prefix=VERSION)
    app.openapi = described(app)  # type: ignore[method-assign] # FastAPI's own way of extending the description
