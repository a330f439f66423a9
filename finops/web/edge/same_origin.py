"""Which requests come from this service's own pages: what a browser says of the page that sent one."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from finops.web.protocol.negotiation import Fields, value

_NEVER_IN_A_HOST = re.compile(r"[\s/?#@\\]")


@dataclass(frozen=True, slots=True)
class Site:
    """``external``: host (and port) of ``http.external_url`` in small letters, or ''."""

    external: str = ""

    @classmethod
    def of(cls, external_url: str) -> Site:
        return cls(urlsplit(external_url).netloc.lower())

    @staticmethod
    def is_malformed(fields: Fields) -> bool:
        """Whether ``Host`` or ``Origin`` names no host, or ``Host`` is sent twice: no rule can be applied to such."""
        if sum(name == b"host" for name, _ in fields) > 1:
            return True
        origin = value(fields, b"origin").decode("latin-1")
        host = _host(fields)
        return bool(_NEVER_IN_A_HOST.search(host)) or not (_is_address(f"//{host}") and _is_address(origin))

    def is_cross_site(self, fields: Fields) -> bool:
        """Whether a page from elsewhere sent this. Programs that are no browsers say nothing, and are not.

        ``Sec-Fetch-Site`` where there is one (browsers send it to https and to loopback), else ``Origin``, which every
        browser sends with a request that may change something: https://owasp.org, "Cross-Site Request Forgery
        Prevention".
        """
        fetch_site = value(fields, b"sec-fetch-site")
        if fetch_site:
            return fetch_site not in {b"same-origin", b"none"}
        origin = value(fields, b"origin").decode("latin-1").lower()
        return bool(origin) and urlsplit(origin).netloc not in self._own(fields)

    def is_foreign_host(self, fields: Fields) -> bool:
        """Whether a browser was led here under a name that is not ours: a page may point its own name at 127.0.0.1.

        It matters where nobody has to sign in, on loopback. An address as host is the browser's own word for where it
        went, so that it cannot be such a name.
        """
        host = _host(fields)
        name = urlsplit(f"//{host}").hostname or ""
        return bool(host) and host != self.external and not _is_loopback_name(name)

    def _own(self, fields: Fields) -> set[str]:
        return {host for host in (_host(fields), self.external) if host}


def _host(fields: Fields) -> str:
    return value(fields, b"host").decode("latin-1").lower()


def _is_address(text: str) -> bool:
    try:
        urlsplit(text).port  # noqa: B018 - parsed on access: raises where it is not a number or is out of range
    except ValueError:
        return False
    return True


def _is_loopback_name(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
