"""Where the service may listen."""

from __future__ import annotations

import ipaddress
from typing import Literal

from finops.config.file_model import Auth
from finops.errors import BadArguments


def check_listen(listen: str, auth: Auth | Literal["none"] | None) -> tuple[str, int]:
    """``host:port`` -> host and port.

    Raises ``BadArguments`` for anything else, and for an address beyond loopback where ``http.auth`` says nothing:
    costs are not for everybody on the network unless the file says so in words (``auth: none``).
    """
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadArguments(
            f"'{listen}' is no address to listen on", where="http.listen", remedy="Write it like 127.0.0.1:9700"
        )
    if auth is None and not _is_loopback(host):
        raise BadArguments(
            f"{listen} can be reached from other machines, and nobody would have to sign in",
            where="http.listen",
            remedy="Add tokens or logins under http.auth, or write 'auth: none' if that is meant",
        )
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may mean any address
