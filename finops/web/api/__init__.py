"""The API under /api/v1: what the pages show, as JSON."""

from finops.web.api.routes import add_api

__all__ = ["add_api"]
