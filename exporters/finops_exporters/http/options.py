"""What finops.yaml says of a receiver that takes messages over HTTP."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

from finops.model.secret import Secret

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name: https://www.rfc-editor.org/rfc/rfc9110#name-tokens"""

_OURS = frozenset(
    {"idempotency-key", "x-finops-signature", "x-finops-timestamp", "content-type", "content-length", "host"}
    | {"transfer-encoding", "connection", "accept-encoding"}
)


class HttpOptions(BaseModel):
    """``url`` by reference where it holds a token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | Secret = Field(
        union_mode="left_to_right",
        description="Where messages are posted; by reference when it holds a token",
        examples=["https://hooks.example.com/finops", {"env": "HOOK_URL"}],
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="How long each step may take", examples=[10])
    ca_file: Path | None = Field(default=None, description="Certificates to trust instead of the public ones (PEM)")
    headers: dict[str, str | Secret] = Field(
        default_factory=dict, description="Headers to add", examples=[{"Authorization": {"env": "HOOK_TOKEN"}}]
    )

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str | Secret) -> str | Secret:
        if isinstance(url, Secret):
            return url
        parsed = parse_url(url)
        if parsed is None:
            raise ValueError("no address of a web server | Write it like https://hooks.example.com/finops")
        if parsed.userinfo:
            raise ValueError("a password is never written inline | Write {env: NAME} or {file: PATH}")
        return url

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str | Secret]) -> dict[str, str | Secret]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"'{name}' is no header's name | Use letters, digits and hyphens")
            if name.lower() in _OURS:
                raise ValueError(f"the header '{name}' is set by finops | Remove it")
            if isinstance(value, str) and not is_header_value(value):
                raise ValueError(f"the header '{name}' holds more than printable ASCII | Remove the rest")
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
