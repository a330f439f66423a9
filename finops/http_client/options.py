"""What finops.yaml says of a server that is reached over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.deferred import httpx
from finops.errors import InvalidValue
from finops.model.secret import Secret

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name: https://www.rfc-editor.org/rfc/rfc9110#name-tokens"""


class HttpOptions(BaseModel):
    """``reserved``: names of headers, in lower case, that nobody else may set."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reserved: ClassVar[frozenset[str]] = frozenset(
        {"content-type", "content-length", "host", "transfer-encoding", "connection", "accept-encoding"}
    )

    headers: dict[str, str | Secret] = Field(
        default_factory=dict, description="Additional headers", examples=[{"Authorization": {"env": "HOOK_TOKEN"}}]
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of certificates to trust instead of the public ones"
    )
    timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="Timeout of a whole response")

    def request_headers(self, base: Path) -> dict[str, str]:
        """With secrets revealed; relative files of secrets count from ``base``. Raises ``AccessDenied``."""
        return {name: value if isinstance(value, str) else value.reveal(base) for name, value in self.headers.items()}

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str | Secret]) -> dict[str, str | Secret]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise InvalidValue(f"'{name}' is not a valid header name", "Use letters, digits and hyphens")
            if name.lower() in cls.reserved:
                raise InvalidValue(f"the header '{name}' is set by finops", "Remove it")
            if isinstance(value, str) and not is_header_value(value):
                raise InvalidValue(f"the header '{name}' contains more than printable ASCII", "Remove the rest")
        return headers


def is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable()


def parse_url(url: str) -> httpx.URL | None:
    """None where ``url`` is not an absolute http(s) address."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parsed if parsed.scheme in {"http", "https"} and parsed.host else None


def check_address(url: str) -> str:
    """``url`` as it is. Raises ``InvalidValue`` where it is not a web address, or holds a password."""
    parsed = parse_url(url)
    if parsed is None:
        raise InvalidValue("this is not the URL of a web server", "Write it like https://host.example.com")
    if parsed.userinfo:
        raise InvalidValue("a password must not be written inline", "Use a reference: {env: NAME} or {file: PATH}")
    return url
