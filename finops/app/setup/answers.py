"""What ``finops init`` was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One source: its name in finops.yaml, its kind, and what was said to each question of the kind."""

    name: str
    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """Who gets mail, through which server. ``user``: empty where the server asks for no login; the password is read
    from the environment, never asked for."""

    to: str
    host: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """``budget``: what a month may cost, in ``currency``. ``team_tag``: the tag that says who answers for a resource.
    ``rates``: path of a file in the form of the ECB's history, empty for none."""

    sources: tuple[SourceAnswer, ...]
    currency: str
    budget: Decimal
    team_tag: str = "team"
    mail: MailAnswer | None = None
    rates: str = ""
