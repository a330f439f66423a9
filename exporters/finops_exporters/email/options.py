"""What finops.yaml says of a receiver by mail."""

from __future__ import annotations

from contextlib import suppress
from email.headerregistry import Address
from email.policy import SMTP
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from finops.errors import InvalidValue
from finops.model.secret import Secret

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SmtpOptions(BaseModel):
    """The server that takes the mail. Its certificate is always verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, examples=["smtp.example.com"])
    port: int = Field(default=0, ge=0, le=65535, description="Default: 587 with starttls, 465 with tls, 25 with none")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="tls: encrypted from the first byte; none: for a relay on this machine"
    )
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = Field(default=None, description="PEM file of certificates to trust instead of the system's")

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        name, colon, port = host.partition(":")
        if "/" in host:
            raise InvalidValue(f"'{host}' is not a host", "Write it like smtp.example.com, without smtp://")
        if colon and port.isdigit():
            raise InvalidValue(f"'{host}' is a host with a port", f"Write host: {name}, and port: {port} beside it")
        return host

    @model_validator(mode="after")
    def _login(self) -> SmtpOptions:
        if (self.user is None) != (self.password is None):
            raise InvalidValue("a login needs user and password", "Set both, or neither")
        if self.password is not None and self.security == "none":
            raise InvalidValue("a password would travel unencrypted", "Set security: starttls or tls")
        return self

    @property
    def effective_port(self) -> int:
        return self.port or _PORTS[self.security]


class EmailOptions(BaseModel):
    """Who gets the mail, from whom, through which server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: list[str] = Field(min_length=1, examples=[["finance@example.com"]])
    sender: str = Field(
        default="",
        alias="from",
        examples=["finops@example.com", "FinOps <finops@example.com>"],
        description="Default: smtp.user if it is an address, otherwise finops@ the domain of the first recipient",
    )
    smtp: SmtpOptions
    timeout_seconds: float = Field(default=20.0, gt=0, le=60, description="Timeout of each step", examples=[20])

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_more(cls, to: Any) -> Any:
        return [to] if isinstance(to, str) else to

    @field_validator("to")
    @classmethod
    def _recipients(cls, to: list[str]) -> list[str]:
        for text in to:
            parse_address(text)
        return to

    @field_validator("sender")
    @classmethod
    def _sender(cls, sender: str) -> str:
        parse_address(sender)
        return sender

    @property
    def effective_sender(self) -> Address:
        for text in (self.sender, self.smtp.user or ""):
            with suppress(ValueError):
                return parse_address(text)
        return Address(username="finops", domain=parse_address(self.to[0]).domain)


def parse_address(text: str) -> Address:
    """``a@b.example`` or ``Name <a@b.example>``. Raises ``InvalidValue``."""
    fault = InvalidValue(f"{text!r} is not a valid email address", "Write it like finance@example.com")
    if not text.isprintable():
        raise fault
    header: Any = SMTP.header_factory("To", text)
    if header.defects or len(header.addresses) != 1:
        raise fault
    address: Address = header.addresses[0]
    if not address.username or not address.domain or " " in address.addr_spec:
        raise fault
    return address
