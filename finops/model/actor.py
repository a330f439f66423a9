"""Who asked for something, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How an actor's name was proven."""

    TERMINAL = "terminal"
    """The user of a command line, as the operating system names them."""
    OPEN = "open"
    """Not at all: without ``http.auth``, whoever reaches this machine's loopback may do everything."""
    TOKEN = "token"  # noqa: S105 - a word, no secret
    BASIC = "basic"
    PROXY = "proxy"
    """A header of a trusted proxy."""


@dataclass(frozen=True, slots=True)
class Actor:
    """``name``: the person, or what the token is called. ``address``: the peer of the connection, '' at a terminal."""

    name: str
    proof: Proof
    address: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.proof}{f' from {self.address}' if self.address else ''})"
