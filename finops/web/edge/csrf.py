"""Forms that only our own pages can send (protection against cross-site request forgery).

The edge has refused what another site's page sent (``Site``); a token in the form is the second lock. It is signed with
a key that all replicas share, names the actor and a last moment, and is stored nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property

from fastapi import HTTPException
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from starlette.datastructures import FormData
from starlette.requests import Request

from finops.model.audit import Actor
from finops.ports.clock import Clock
from finops.web.edge.caller import caller_of

FIELD = "form_token"
"""The name of the hidden field."""

LIFETIME = timedelta(hours=24)
"""How long a page may stay open before its forms are refused."""

_MOST_FIELDS = 32
_MOST_BYTES = 64 * 1024


class Forms:
    """Makes and checks the tokens of forms."""

    def __init__(self, signing_key: Callable[[], bytes], clock: Clock) -> None:
        """``signing_key``: asked when the first form needs it, as ``/healthz`` and ``/metrics`` answer without."""
        self._signing_key = signing_key
        self._clock = clock

    @cached_property
    def _tokens(self) -> URLSafeTimedSerializer:
        clock = self._clock

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock.now().timestamp())

        return URLSafeTimedSerializer(
            self._signing_key(), "form", signer=Signer, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def token(self, actor: Actor) -> str:
        """For the hidden field ``FIELD`` of a form that ``actor`` is shown."""
        token = self._tokens.dumps([actor.name, actor.proof.value])
        assert isinstance(token, str)  # noqa: S101 - it is bytes for other serializers
        return token

    def is_valid(self, actor: Actor, token: str) -> bool:
        """Whether this service made ``token`` for ``actor``, less than ``LIFETIME`` ago."""
        try:
            whose = self._tokens.loads(token, max_age=int(LIFETIME.total_seconds()))
        except BadData:
            return False
        return bool(whose == [actor.name, actor.proof.value])


def form_token(request: Request) -> str:
    """The token for forms of the page that answers ``request``."""
    return _forms_of(request).token(caller_of(request).actor)


async def posted_form(request: Request) -> FormData:
    """A FastAPI dependency: the fields of a form that our own pages sent. Raises ``HTTPException`` 403 or 400."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=_MOST_BYTES) as form:
        token = form.get(FIELD)
        if not isinstance(token, str) or not _forms_of(request).is_valid(caller_of(request).actor, token):
            raise HTTPException(403, "The form has expired. Reload the page and submit it again.")
        return form


def _forms_of(request: Request) -> Forms:
    forms = request.app.state.forms
    assert isinstance(forms, Forms)  # noqa: S101 - api_of has put it there; this tells the type checker
    return forms
