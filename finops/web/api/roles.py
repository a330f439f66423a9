"""Routes that only a responder may read. Whatever changes something, the edge asks for that role anyway."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException

from finops.web.api.openapi import ROLE
from finops.web.edge.caller import Caller, caller_of


def _responder(caller: Annotated[Caller, Depends(caller_of)]) -> None:
    if not caller.may_respond:
        raise HTTPException(403, "This login may read what everybody may; this needs the role responder.")


FOR_RESPONDERS: dict[str, Any] = {
    "dependencies": [Depends(_responder)],
    "openapi_extra": {ROLE: "responder"},
}
"""Arguments of a route's decorator."""
