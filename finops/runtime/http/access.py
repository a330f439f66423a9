"""Who may read and who may respond."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Literal

import structlog

from finops.config.file_model import Auth
from finops.errors import AccessDenied
from finops.model.secret import Secret

_log = structlog.get_logger(__name__)


class Role(IntEnum):
    """In rising order: a responder may read too."""

    VIEWER = 1
    RESPONDER = 2


@dataclass(frozen=True, slots=True)
class Credential:
    """A bearer token (``name`` is for people only), or a login whose ``name`` must be given too."""

    name: str
    secret: Secret
    role: Role
    scheme: Literal["bearer", "basic"]


@dataclass(frozen=True, slots=True)
class Access:
    """Without credentials everybody may do everything. ``base``: folder that relative secret files count from."""

    credentials: tuple[Credential, ...] = ()
    base: Path = Path()

    @classmethod
    def of(cls, auth: Auth | Literal["none"] | None, base: Path) -> Access:
        """``http.auth`` of finops.yaml. Raises ``AccessDenied`` where a secret cannot be read."""
        if not isinstance(auth, Auth):
            return cls()
        tokens = (Credential(name, t.token, Role[t.role.upper()], "bearer") for name, t in auth.tokens.items())
        logins = (Credential(name, b.password, Role[b.role.upper()], "basic") for name, b in auth.basic.items())
        access = cls((*tokens, *logins), base)
        for credential in access.credentials:
            credential.secret.reveal(base)
        return access

    def role_of(self, authorization: bytes | None) -> Role | None:
        """The role that an ``Authorization`` header proves, or None.

        Every credential is compared, each in constant time: how long it takes says nothing about which one was near.
        """
        if not self.credentials:
            return Role.RESPONDER
        proof = _proof(authorization or b"")
        if proof is None:
            return None
        proven = [c.role for c in self.credentials if self._matches(c, *proof)]
        return max(proven, default=None)

    def challenges(self) -> list[tuple[bytes, bytes]]:
        """``WWW-Authenticate`` headers: how to prove a role."""
        schemes = {credential.scheme for credential in self.credentials}
        challenges = (("basic", b'Basic realm="finops", charset="UTF-8"'), ("bearer", b'Bearer realm="finops"'))
        return [(b"www-authenticate", challenge) for scheme, challenge in challenges if scheme in schemes]

    def _matches(self, credential: Credential, scheme: str, given: bytes) -> bool:
        try:
            secret = credential.secret.reveal(self.base)
        except AccessDenied as error:
            _log.warning("secret.unreadable", credential=credential.name, error=str(error))
            return False
        expected = secret if credential.scheme == "bearer" else f"{credential.name}:{secret}"
        same = hmac.compare_digest(_digest(expected.encode()), _digest(given))
        return same and scheme == credential.scheme


def _proof(authorization: bytes) -> tuple[str, bytes] | None:
    """Scheme and what it carries: the token, or ``name:password``."""
    scheme, _, value = authorization.strip().partition(b" ")
    match scheme.lower():
        case b"bearer":
            return "bearer", value.strip()
        case b"basic":
            try:
                return "basic", base64.b64decode(value.strip(), validate=True)
            except binascii.Error:
                return None
        case _:
            return None


def _digest(value: bytes) -> bytes:
    """Equal lengths, so that comparing does not tell the length of a secret."""
    return hashlib.sha256(value).digest()
