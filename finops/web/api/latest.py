"""What the newest evaluation made public."""

from __future__ import annotations

from fastapi import HTTPException

from finops.model.snapshot import Snapshot
from finops.web.published import Published, PublishedState


def published_of(board: PublishedState) -> Published:
    """Raises ``HTTPException`` 503 before anything was published."""
    if board.current is None:
        raise HTTPException(503, "Starting: nothing has been published yet.", {"Retry-After": "2"})
    return board.current


def snapshot_of(board: PublishedState) -> Snapshot:
    """Raises ``HTTPException`` 503 before the first evaluation: an empty list would say that all is well."""
    snapshot = published_of(board).snapshot
    if snapshot is None:
        raise HTTPException(503, "Nothing has been evaluated yet.", {"Retry-After": "5"})
    return snapshot
