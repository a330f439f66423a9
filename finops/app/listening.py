"""The address that the service listens on."""

from __future__ import annotations

import errno
import socket

from finops.errors import BadArguments, FinopsError
from finops.http_client import http_session

BACKLOG = 128
"""Connections that the system accepts before the loop sees them; small, for they hold descriptors too."""

_PROBE_SECONDS = 2.0


def listen(host: str, port: int) -> socket.socket:
    """Raises ``BadArguments`` where the address cannot be had."""
    listening = _bound(host, port, backlog=BACKLOG)
    listening.set_inheritable(False)
    return listening


def address_warning(host: str, port: int) -> str:
    """Why ``listen`` would raise here; disturbs nobody who listens. An empty text where it would not."""
    try:
        _bound(host, port).close()
    except BadArguments as error:
        if _is_finops(host, port):
            return f"{error.where}: a finops service listens on port {port}; a second one needs another port"
        return f"{error}. 'finops run' needs it"
    return ""


def _bound(host: str, port: int, *, backlog: int | None = None) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        if backlog is not None:
            bound.listen(backlog)
    except OSError as error:
        bound.close()
        raise _refused(host, port, error) from error
    return bound


def _is_finops(host: str, port: int) -> bool:
    """By the answer to its liveness probe, which needs no role."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - asked there, not bound
    url = f"http://[{name}]:{port}/healthz" if ":" in name else f"http://{name}:{port}/healthz"
    try:
        with http_session(_PROBE_SECONDS) as session:
            body = session.request("GET", url, where="http.listen", headers={}, largest_bytes=100).body
    except FinopsError:
        return False
    return body.startswith((b"alive\n", b"dead: "))


def _refused(host: str, port: int, error: OSError) -> BadArguments:
    if error.errno == errno.EADDRINUSE:
        what, remedy = f"port {port} is in use by another program", "Stop that program, or choose another port"
    elif error.errno == errno.EACCES:
        what, remedy = f"port {port} needs privileges that this user lacks", "Choose a port above 1023"
    else:
        what, remedy = f"cannot listen on {host}, port {port}: {error.strerror}", "Choose an address of this machine"
    return BadArguments(what, where="http.listen", remedy=remedy)
