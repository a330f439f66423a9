"""Who is asking, for the handlers of requests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from starlette.requests import HTTPConnection
from starlette.types import Scope

from finops.model.audit import Actor

_KEY = "finops.caller"


class Role(IntEnum):
    """In rising order: a responder may read too."""

    VIEWER = 1
    RESPONDER = 2


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor, what they may do, and whose costs they see (``teams``; None: everybody's).

    Every request that reaches a handler has one, but ``/healthz``.
    """

    actor: Actor
    role: Role
    teams: frozenset[str] | None = None

    @property
    def may_respond(self) -> bool:
        """Whether they may acknowledge, silence and lift."""
        return self.role >= Role.RESPONDER


def with_caller(scope: Scope, caller: Caller) -> Scope:
    """The request's scope with its caller in it."""
    return {**scope, _KEY: caller}


def caller_of(request: HTTPConnection) -> Caller:
    """Also a FastAPI dependency: ``caller: Annotated[Caller, Depends(caller_of)]``."""
    caller = request.scope[_KEY]
    assert isinstance(caller, Caller)  # noqa: S101 - the edge has put it there; this tells the type checker
    return caller
