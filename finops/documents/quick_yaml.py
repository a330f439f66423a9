"""Plain YAML read by libyaml, for a thousand policies at once.

Only what both surely read alike: no tags, anchors, directives or keys that are no text; each word means what YAML 1.2
and ruamel.yaml say. Everything else, and everything that is wrong, is left to ruamel.yaml, which knows how to say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml  # type: ignore[import-untyped] # the types are a package of their own, for four names
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

Place = tuple[int, int]
"""Line and column, from 0."""

_OTHER_BREAKS = re.compile("[\ufeff\x85\u2028\u2029\t\r]|^(%|\\.\\.\\.)", re.MULTILINE)
_INT = re.compile(r"[-+]?[1-9][0-9]{0,17}")
_CONSTANTS = {"true": True, "false": False, "null": None}
_TAG = "tag:yaml.org,2002:"
_RESOLVER = VersionedResolver(version=(1, 2))


DEEPEST = 50
"""Mappings and lists inside each other."""


class Unsure(Exception):
    """This is for ruamel.yaml."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the parts of a mapping or a list stand: by key or index the place of the key or item, the place of the
    value, and the value's own branch."""

    parts: dict[str | int, tuple[Place, Place, Branch | None]]


Read = tuple[Any, Branch | None]


def read_quickly(text: str) -> list[Read] | None:
    """Every document with its places; None where only ruamel.yaml knows."""
    if not yaml.__with_libyaml__ or _OTHER_BREAKS.search(text):
        return None
    try:
        return list(_documents(_not_too_deep(yaml.parse(text, Loader=yaml.CBaseLoader)))) or None
    except (yaml.YAMLError, Unsure):
        return None


def _not_too_deep(events: Iterator[Any]) -> Iterator[Any]:
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise Unsure
        yield event


def _documents(events: Iterator[Any]) -> Iterator[Read]:
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            data, branch = _value(next(events), events)
            if data is not None and branch is None:  # a text alone has rules of its own for what its lines are
                raise Unsure
            yield data, branch


def _value(event: Any, events: Iterator[Any]) -> Read:
    read = _READ.get(type(event))
    if read is None or event.anchor is not None or event.tag is not None:
        raise Unsure
    return read(event, events)


def _scalar(event: Any, _: Iterator[Any]) -> Read:
    return (_word(event.value) if not event.style else event.value), None


def _mapping(_: Any, events: Iterator[Any]) -> Read:
    data: dict[str, Any] = {}
    parts: dict[str | int, tuple[Place, Place, Branch | None]] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key, _branch = _value(event, events)
        if not isinstance(key, str) or key in data:
            raise Unsure
        value = next(events)
        data[key], branch = _value(value, events)
        parts[key] = _place(event), _place(value), branch
    return data, Branch(parts)


def _sequence(_: Any, events: Iterator[Any]) -> Read:
    data: list[Any] = []
    parts: dict[str | int, tuple[Place, Place, Branch | None]] = {}
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        value, branch = _value(event, events)
        parts[len(data)] = _place(event), _place(event), branch
        data.append(value)
    return data, Branch(parts)


_READ: dict[type, Callable[[Any, Iterator[Any]], Read]] = {
    yaml.ScalarEvent: _scalar,
    yaml.MappingStartEvent: _mapping,
    yaml.SequenceStartEvent: _sequence,
}


def _place(event: Any) -> Place:
    return event.start_mark.line, event.start_mark.column


@lru_cache(maxsize=4096)
def _word(text: str) -> Any:
    """What a word without quotes means."""
    kind = str(_RESOLVER.resolve(ScalarNode, text, (True, False))).removeprefix(_TAG)
    if kind == "str":
        return text
    if kind in ("bool", "null") and text in _CONSTANTS:
        return _CONSTANTS[text]
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "timestamp" and len(text) == len("2026-03-01"):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Unsure from None
    raise Unsure
