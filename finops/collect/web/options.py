"""What options of a web interface share."""

from __future__ import annotations

import httpx


def check_address(url: str) -> str:
    """``url`` as it is. Raises ``ValueError("message | hint")`` where it is no web address, or holds a password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("no address of a web server | Write it like https://host.example.com")
    if parsed.userinfo:
        raise ValueError("a password is never written inline | Remove it, and name it by {env: NAME} or {file: PATH}")
    return url
