"""Where the service may listen."""

from __future__ import annotations

import ipaddress

from finops.config.http_model import Auth
from finops.errors import BadArguments


def check_listen(listen: str, auth: Auth | None) -> tuple[str, int]:
    """``host:port`` -> host and port.

    Raises ``BadArguments`` for anything else, and for an address beyond loopback without ``http.auth``: costs are not
    for everybody on the network.
    """
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadArguments(
            f"'{listen}' is not a valid listen address", where="http.listen", remedy="Write it like 127.0.0.1:9700"
        )
    if auth is None and not _is_loopback(host):
        raise BadArguments(
            f"{listen} is reachable from other machines without authentication",
            where="http.listen",
            remedy="Add tokens, basic logins or a proxy under http.auth, or listen on 127.0.0.1",
        )
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may mean any address
