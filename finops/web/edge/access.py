"""Who is asking, and what they may do."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import structlog
from starlette.types import Scope

from finops.config.http_model import Auth
from finops.errors import AccessDenied
from finops.model.audit import Actor, Proof
from finops.model.secret import Secret
from finops.web.edge.caller import Caller, Role
from finops.web.edge.proxy import TrustedProxy
from finops.web.edge.refusals import network_of
from finops.web.edge.sign_ins import Attempt, Scheme, SignIns
from finops.web.protocol.negotiation import Fields, value

_log = structlog.get_logger(__name__)

_ANYBODY = "anybody"
"""The actor's name where nobody has to sign in."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A bearer token (``name`` is for people only), or a login whose ``name`` must be given too."""

    name: str
    secret: Secret
    role: Role
    scheme: Literal["bearer", "basic"]
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Without credentials and proxy everybody may do everything: ``Http`` keeps that to loopback.

    ``base``: folder that relative secret files count from.
    """

    credentials: tuple[Credential, ...] = ()
    proxy: TrustedProxy | None = None
    base: Path = Path()
    sign_ins: SignIns = field(default_factory=SignIns)

    @classmethod
    def of(cls, auth: Auth | None, base: Path, sign_ins: SignIns | None = None) -> Access:
        """``http.auth`` of finops.yaml. Raises ``AccessDenied`` where a secret cannot be read or is empty."""
        if auth is None:
            return cls()
        tokens = (
            Credential(name, t.token, Role[t.role.upper()], "bearer", _teams(t.teams))
            for name, t in auth.tokens.items()
        )
        logins = (
            Credential(name, b.password, Role[b.role.upper()], "basic", _teams(b.teams))
            for name, b in auth.basic.items()
        )
        access = cls(
            (*tokens, *logins), TrustedProxy.of(auth.proxy) if auth.proxy else None, base, sign_ins or SignIns()
        )
        for credential in access.credentials:
            credential.secret.required(base)
        return access

    @property
    def is_open(self) -> bool:
        """Nobody has to sign in."""
        return not self.credentials and self.proxy is None

    def caller(self, scope: Scope) -> Caller | None:
        """Who a request comes from, or None where nothing proves it.

        Whom a trusted proxy names comes first; the ``Authorization`` header is looked at where it names nobody.
        Raises ``SignInsPaused`` after too many failures.
        """
        peer: str = scope["client"][0] if scope.get("client") else ""
        fields: Fields = scope["headers"]
        if self.is_open:
            return Caller(Actor(_ANYBODY, Proof.OPEN, peer), Role.RESPONDER)
        named = self.proxy.caller(peer, fields) if self.proxy else None
        if named is not None:
            return named
        origin = self.proxy.client(peer, fields) if self.proxy else peer
        return self._signed_in(peer, origin, value(fields, b"authorization"))

    def challenges(self) -> list[tuple[bytes, bytes]]:
        """``WWW-Authenticate`` headers: how to prove a role. Empty where only a proxy does."""
        schemes = {credential.scheme for credential in self.credentials}
        challenges = (("basic", b'Basic realm="finops", charset="UTF-8"'), ("bearer", b'Bearer realm="finops"'))
        return [(b"www-authenticate", challenge) for scheme, challenge in challenges if scheme in schemes]

    def _signed_in(self, peer: str, origin: str, authorization: bytes) -> Caller | None:
        """Every credential is compared, each in constant time: the time it takes says nothing about which was near."""
        proof = _proof(authorization)
        if proof is None:
            return None
        scheme, carried = proof
        name = carried.partition(b":")[0] if scheme == "basic" else b""
        attempt = Attempt(network_of(origin), scheme, name, carried)
        self.sign_ins.check(attempt)
        proven = [credential for credential in self.credentials if self._matches(credential, scheme, carried)]
        if not proven:
            names = {one.name.encode(): one.name for one in self.credentials if one.scheme == "basic"}
            self.sign_ins.failed(attempt, names.get(name, ""))
            return None
        self.sign_ins.succeeded(attempt)
        # two names with one secret: what either may do, and of two viewers the one who sees less
        best = max(proven, key=lambda credential: (credential.role, credential.teams is not None))
        shown = Proof.TOKEN if best.scheme == "bearer" else Proof.BASIC
        return Caller(Actor(best.name, shown, peer), best.role, best.teams)

    def _matches(self, credential: Credential, scheme: str, given: bytes) -> bool:
        try:
            secret = credential.secret.reveal(self.base)
        except AccessDenied as error:
            _log.warning("secret.unreadable", credential=credential.name, error=str(error))
            return False
        expected = secret if credential.scheme == "bearer" else f"{credential.name}:{secret}"
        same = hmac.compare_digest(_digest(expected.encode()), _digest(given))
        return same and scheme == credential.scheme and bool(secret)


def _teams(given: Sequence[str] | None) -> frozenset[str] | None:
    return frozenset(given) if given is not None else None


def _proof(authorization: bytes) -> tuple[Scheme, bytes] | None:
    """Scheme and what it carries: the token, or ``name:password``."""
    scheme, _, carried = authorization.strip().partition(b" ")
    match scheme.lower():
        case b"bearer":
            return "bearer", carried.strip()
        case b"basic":
            try:
                return "basic", base64.b64decode(carried.strip(), validate=True)
            except binascii.Error:
                return None
        case _:
            return None


def _digest(secret: bytes) -> bytes:
    """Equal lengths, so that comparing does not tell the length of a secret."""
    return hashlib.sha256(secret).digest()
