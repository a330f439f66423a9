"""One page of a list."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

MOST = 10_000
"""Items of one answer."""

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Of the moments and days that can be asked about: beyond them, the calendar of computers ends."""


class Query(BaseModel):
    """Parameters of a question; an unknown one is a fault, so that a misspelt filter does not show everything."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Query):
    """Which part of a list is wanted."""

    limit: int = Field(default=1000, ge=1, le=MOST, description="Most items in the answer")
    offset: int = Field(default=0, ge=0, le=10**9, description="How many to pass over")
