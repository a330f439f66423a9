"""Our own columns, defined by steps: the first step that gives a value wins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FromTags:
    """The first of these tag keys that is set and not blank."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class When:
    """``value`` where the SQL ``condition`` over FOCUS columns and tags['key'] holds."""

    condition: str
    value: str


@dataclass(frozen=True, slots=True)
class Else:
    """What is left."""

    value: str


Step = FromTags | When | Else


@dataclass(frozen=True, slots=True)
class Dimension:
    """A name and its steps, in order. Without an ``Else`` what is left stays null."""

    name: str
    steps: tuple[Step, ...]
