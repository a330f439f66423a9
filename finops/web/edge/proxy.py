"""A proxy in front that signs people in and names them in a header."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import structlog

from finops.config.http_model import Proxy
from finops.model.audit import Actor, Proof
from finops.web.edge.caller import Caller, Role
from finops.web.protocol.negotiation import Fields, values

_log = structlog.get_logger(__name__)

_LONGEST_NAME = 256
_FORWARDED_FOR = b"x-forwarded-for"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """Believes ``header`` when, and only when, the connection itself comes from one of ``networks``."""

    networks: tuple[_Network, ...]
    header: bytes
    role: Role
    responders: frozenset[str]
    groups_header: bytes | None
    responder_groups: frozenset[str]
    teams_header: bytes | None = None

    @classmethod
    def of(cls, proxy: Proxy) -> TrustedProxy:
        return cls(
            networks=tuple(ipaddress.ip_network(address, strict=False) for address in proxy.addresses),
            header=proxy.header.lower().encode("ascii"),
            role=Role[proxy.role.upper()],
            responders=frozenset(proxy.responders),
            groups_header=proxy.groups_header.lower().encode("ascii") if proxy.groups_header else None,
            responder_groups=frozenset(proxy.responder_groups),
            teams_header=proxy.teams_header.lower().encode("ascii") if proxy.teams_header else None,
        )

    def caller(self, peer: str, fields: Fields) -> Caller | None:
        """Whom the proxy names, or None: another peer, no header, or one that does not name exactly one person."""
        given = values(fields, self.header)
        if not given:
            return None
        if not self._is_trusted(peer):
            _log.warning("http.proxy_header_ignored", header=self.header.decode("ascii"), peer=peer)
            return None
        name = _name(given[0])
        if name is None or len(given) > 1:
            # two headers: one may be the client's own, handed on by a proxy that adds instead of replacing
            _log.warning("http.proxy_header_unclear", header=self.header.decode("ascii"), peer=peer, values=len(given))
            return None
        role = self._role(name, fields)
        teams = self._teams(peer, fields) if role < Role.RESPONDER else None
        return Caller(Actor(name, Proof.PROXY, self._origin(peer, fields)), role, teams)

    def client(self, peer: str, fields: Fields) -> str:
        """Where a request comes from: the last address of X-Forwarded-For that is no proxy's; each proxy adds whom it
        heard. What stands before that address is the client's own word.
        """
        if not self._is_trusted(peer):
            return peer
        hops = [hop.strip() for field in values(fields, _FORWARDED_FOR) for hop in field.decode("latin-1").split(",")]
        client = next((hop for hop in reversed(hops) if not self._is_trusted(hop)), "")
        return client if _is_address(client) else peer

    def _origin(self, peer: str, fields: Fields) -> str:
        client = self.client(peer, fields)
        return f"{client} via {peer}" if client != peer else peer

    def _role(self, name: str, fields: Fields) -> Role:
        if name in self.responders:
            return Role.RESPONDER
        given = values(fields, self.groups_header) if self.groups_header is not None else []
        if len(given) > 1:
            _log.warning(
                "http.proxy_header_unclear", header=(self.groups_header or b"").decode("ascii"), values=len(given)
            )
        elif given and self.responder_groups & {
            group.strip() for group in given[0].decode("utf-8", "replace").split(",")
        }:
            return Role.RESPONDER
        return self.role

    def _teams(self, peer: str, fields: Fields) -> frozenset[str] | None:
        """None where no header names them; no team where it is missing or given twice."""
        if self.teams_header is None:
            return None
        given = values(fields, self.teams_header)
        if len(given) > 1:
            header = self.teams_header.decode("ascii")
            _log.warning("http.proxy_header_unclear", header=header, peer=peer, values=len(given))
            return frozenset()
        names = given[0].decode("utf-8", "replace").split(",") if given else []
        return frozenset(name.strip() for name in names if name.strip())

    def _is_trusted(self, peer: str) -> bool:
        if not _is_address(peer):
            return False  # not an IP connection
        address = ipaddress.ip_address(peer)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped  # a socket for both families shows IPv4 peers so
        return any(address in network for network in self.networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _name(given: bytes) -> str | None:
    """A name that can be shown and written down as it is."""
    try:
        name = given.decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
    return name if name and len(name) <= _LONGEST_NAME and name.isprintable() else None
