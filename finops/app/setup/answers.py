"""What ``finops init`` was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.app.survey import Survey


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One source: its name in finops.yaml, its kind, and what was said to each question of the kind."""

    name: str
    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """Who gets mail, through which server, ``smtp.example.com`` or ``smtp.example.com:2525``. ``user``: empty where the
    server asks for no login; the password is read from the environment, never asked for."""

    to: str
    host: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """``budget``: what a month may cost, in ``currency``. ``team_tags``: the tags that say who answers for a resource,
    the first that is set counts. ``rates``: path of a file in the form of the ECB's history, empty for none.
    ``survey``: what the bills say, where they could be read. ``editor``: whether to write settings for an editor."""

    sources: tuple[SourceAnswer, ...]
    currency: str
    budget: Decimal
    team_tags: tuple[str, ...] = ("team",)
    mail: MailAnswer | None = None
    rates: str = ""
    survey: Survey | None = None
    editor: bool = False
