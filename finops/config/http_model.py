"""The shape of ``http:`` in finops.yaml: where the service listens, and who may read and respond."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from finops.config.strict import Strict
from finops.errors import InvalidValue
from finops.model.secret import Secret

RoleName = Literal["viewer", "responder"]

_FIELD_NAME = re.compile(r"[A-Za-z0-9-]+")
_NEVER_A_NAME = frozenset({"authorization", "cookie", "host", "origin"})


class _Grant(Strict):
    """What a credential may do, and what its holder sees."""

    role: RoleName = "viewer"
    teams: list[str] | None = Field(
        default=None,
        description="Viewers only: the values of auth.dimension whose costs they see; left out, all costs",
        examples=[["search", "ml"]],
    )

    @model_validator(mode="after")
    def _teams_are_for_viewers(self) -> _Grant:
        if self.teams is not None and self.role != "viewer":
            raise InvalidValue("teams restrict a viewer, not a responder", "Remove teams, or set role: viewer")
        return self


class Token(_Grant):
    """A bearer token by reference, and what it may do."""

    token: Secret


class Login(_Grant):
    """A name and password by reference, and what it may do."""

    password: Secret


class Proxy(Strict):
    """A proxy in front that signs people in and names them in a header, which it must remove from what clients send."""

    addresses: list[str] = Field(
        min_length=1, description="Addresses or networks of the proxies", examples=[["10.0.0.5", "fd00::/64"]]
    )
    header: str = Field(description="Header with the user's name", examples=["X-Forwarded-User"])
    role: RoleName = Field(default="viewer", description="Role of every user that the proxy admits")
    responders: list[str] = Field(
        default_factory=list, description="Users with the responder role, as named in the header"
    )
    groups_header: str | None = Field(
        default=None,
        description="Header with the user's groups, comma-separated",
        examples=["X-Forwarded-Groups"],
    )
    responder_groups: list[str] = Field(default_factory=list, description="Groups with the responder role")
    teams_header: str | None = Field(
        default=None,
        description="Header with the viewer's teams, comma-separated; without it a viewer sees the costs of no team",
        examples=["X-Forwarded-Teams"],
    )

    @field_validator("addresses")
    @classmethod
    def _are_addresses(cls, addresses: list[str]) -> list[str]:
        for address in addresses:
            try:
                network = ipaddress.ip_network(address, strict=False)
            except ValueError:
                raise InvalidValue(f"'{address}' is not an IP address or network", "Write it like 10.0.0.5") from None
            if network.prefixlen == 0:
                raise InvalidValue(f"'{address}' matches everybody", "List the addresses of the proxies")
        return addresses

    @field_validator("header", "groups_header", "teams_header")
    @classmethod
    def _is_a_header(cls, name: str | None) -> str | None:
        if name is not None and (not _FIELD_NAME.fullmatch(name) or name.lower() in _NEVER_A_NAME):
            raise InvalidValue(f"'{name}' cannot be the header that names the user", "Write it like X-Forwarded-User")
        return name

    @model_validator(mode="after")
    def _groups_have_a_header(self) -> Proxy:
        if bool(self.responder_groups) != bool(self.groups_header):
            raise InvalidValue("groups_header and responder_groups go together", "Set both, or neither")
        return self


class Auth(Strict):
    """Who may read and who may respond. All three forms may stand side by side."""

    tokens: dict[str, Token] = Field(default_factory=dict)
    basic: dict[str, Login] = Field(default_factory=dict)
    proxy: Proxy | None = None
    dimension: str = Field(default="team", description="The dimension whose values teams: refers to")

    @property
    def restricts(self) -> bool:
        """Whether anybody sees the costs of some teams only."""
        grants = (*self.tokens.values(), *self.basic.values())
        by_header = self.proxy is not None and self.proxy.teams_header is not None
        return by_header or any(grant.teams is not None for grant in grants)

    @field_validator("basic")
    @classmethod
    def _no_colon(cls, basic: dict[str, Login]) -> dict[str, Login]:
        for name in basic:
            if ":" in name:
                raise InvalidValue(f"the login '{name}' contains a colon", "Choose another name")
        return basic

    def secrets(self) -> Iterator[tuple[str, str, Secret]]:
        """Key, name and secret of each token and password."""
        yield from (("tokens", name, one.token) for name, one in self.tokens.items())
        yield from (("basic", name, one.password) for name, one in self.basic.items())

    @model_validator(mode="after")
    def _somebody(self) -> Auth:
        if not self.tokens and not self.basic and self.proxy is None:
            raise InvalidValue(
                "auth grants access to nobody", "Add tokens:, basic: or proxy:, or leave auth out on loopback"
            )
        return self


class Http(Strict):
    """Where pages, metrics and API are served."""

    listen: str = Field(default="127.0.0.1:9700", description="host:port", examples=["0.0.0.0:9700"])
    auth: Auth | None = Field(
        default=None, description="Tokens, basic logins or a proxy header; required when listening beyond loopback"
    )
    external_url: str = Field(default="", description="Public URL of the service, for links in messages")
    max_connections: int = Field(default=512, ge=16, le=65_536, description="Maximum number of open connections")
    max_connections_per_address: int = Field(
        default=128, ge=4, le=65_536, description="Maximum number per client address or IPv6 network (/64)"
    )

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        listen_address(listen)
        return listen

    @model_validator(mode="after")
    def _nobody_from_elsewhere_without_signing_in(self) -> Http:
        """Costs are not for everybody on the network."""
        host, _ = self.address
        if self.auth is None and not _is_loopback(host):
            raise InvalidValue(
                f"{self.listen} is reachable from other machines without authentication",
                "Add tokens, basic logins or a proxy under http.auth, or listen on 127.0.0.1",
            )
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that ``listen`` names."""
        return listen_address(self.listen)

    @field_validator("external_url")
    @classmethod
    def _is_a_url(cls, url: str) -> str:
        """Without the slash at its end: paths are appended."""
        if url and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc):
            raise InvalidValue(f"'{url}' is not a valid public URL", "Write it like https://finops.example.com")
        return url.rstrip("/")


def listen_address(listen: str) -> tuple[str, int]:
    """``host:port`` -> host and port. Raises ``InvalidValue``."""
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise InvalidValue(f"'{listen}' is not a valid listen address", "Write it like 127.0.0.1:9700")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may mean any address
