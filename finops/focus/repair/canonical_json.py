"""JSON objects as text with one spelling: keys sorted, no blanks, null for an object without keys."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from pydantic_core import from_json, to_json

_PAIR = ("key", "value")
_NO_TAGS = ("null", "")
_PYTHON = re.compile(r"\s*[\[({]+\s*[\[({'}\]]")
_SPACED = re.compile(r'"\s+:')
_MOST_REMEMBERED = 50_000  # distinct texts, some 20 MB


class Outcome(IntEnum):
    """What became of an object. From ``NO_OBJECT`` on its meaning is not certain."""

    AS_IT_WAS = 0
    KEYS_TRIMMED = 1
    BLANKS_KEPT = 2
    NO_OBJECT = 3
    KEY_TWICE = 4


@dataclass(frozen=True, slots=True)
class CanonicalJson:
    """Remembers the texts that it has met: bills repeat the same tags from row to row. Safe between threads."""

    _seen: dict[tuple[bool, bool], dict[str, tuple[str | None, Outcome]]] = field(default_factory=dict)

    def of_texts(
        self, texts: Sequence[str | None], *, trim_keys: bool, drop_nulls: bool = False
    ) -> tuple[list[str | None], list[int]]:
        """The canonical texts, and what became of each.

        ``trim_keys``: without blanks around keys. ``drop_nulls``: without keys that have no value.
        """
        seen = self._seen.setdefault((trim_keys, drop_nulls), {})
        if len(seen) > _MOST_REMEMBERED:
            seen = self._seen[trim_keys, drop_nulls] = {}
        found: list[tuple[str | None, Outcome]] = []
        for text in texts:
            if text is None:
                found.append((None, Outcome.AS_IT_WAS))
                continue
            known = seen.get(text)
            if known is None:
                known = seen[text] = _canonical(text, trim_keys=trim_keys, drop_nulls=drop_nulls)
            found.append(known)
        return [text for text, _ in found], [outcome.value for _, outcome in found]


def _canonical(text: str, *, trim_keys: bool, drop_nulls: bool) -> tuple[str | None, Outcome]:
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError:
        text, value = _written_otherwise(text)
    if isinstance(value, str):  # JSON text in JSON text
        text, value = value, _parsed(value)
    if value is None:
        return None, Outcome.AS_IT_WAS if text.strip() in _NO_TAGS else Outcome.NO_OBJECT
    if isinstance(value, list) and trim_keys:
        return canonical_entries(value)
    if not isinstance(value, dict):
        return None, Outcome.NO_OBJECT
    # where no blank stands before a colon, and as many colons follow quotes as there are keys, no key stands twice
    if (text.count('":') != len(value) or _SPACED.search(text)) and _key_twice(text):
        return None, Outcome.KEY_TWICE
    if drop_nulls:
        value = {key: item for key, item in value.items() if item is not None}
    return canonical_object(value, trim_keys=trim_keys)


def _parsed(text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        return None


def _written_otherwise(text: str) -> tuple[str, Any]:
    """JSON text and value of an object without its braces, as Azure's cost details have it, or as Python prints it."""
    if text.lstrip().startswith('"'):
        whole = f"{{{text}}}"
        return whole, _parsed(whole)
    if not _PYTHON.match(text):
        return text, None
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        value = ast.literal_eval(tree)
        once = not isinstance(tree, ast.Dict) or len(tree.keys) == len(value)
        return (json.dumps(value), value) if once else (text, None)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text, None


def canonical_entries(entries: Sequence[Any]) -> tuple[str | None, Outcome]:
    """A list of keys and values as canonical text: structs with key and value, pairs, or objects of one key.

    Of two entries with one key, what is the resource's own comes before what is inherited (``x_inherited`` in Google's
    FOCUS view); the other is kept under its origin, like ``project_label/env``. Nothing is lost.
    """
    found: dict[str, Any] = {}
    later: list[tuple[str, Any, str]] = []
    for entry in sorted(entries, key=_is_inherited):
        read = _entry(entry)
        if read is None:
            return None, Outcome.NO_OBJECT
        for key, value, origin in read:
            if found.setdefault(key, value) != value:
                later.append((key, value, origin))
    for key, value, origin in later:
        if not origin or found.setdefault(f"{origin}/{key}", value) != value:
            return None, Outcome.KEY_TWICE
    return canonical_object(found, trim_keys=True)


def _entry(entry: Any) -> list[tuple[str, Any, str]] | None:
    """Keys and values of one entry of a list, with where they come from."""
    if isinstance(entry, list):
        return [(entry[0], entry[1], "")] if len(entry) == len(_PAIR) and isinstance(entry[0], str) else None
    if not isinstance(entry, dict):
        return None
    fields = {name.casefold(): value for name, value in entry.items()}
    if set(_PAIR) <= fields.keys():
        key = fields["key"]
        return [(key, fields["value"], str(fields.get("x_type") or ""))] if isinstance(key, str) else None
    return [(key, value, "") for key, value in entry.items()] if len(entry) == 1 else None


def _is_inherited(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("x_inherited") in (True, "true")


def canonical_object(value: dict[str, Any], *, trim_keys: bool) -> tuple[str | None, Outcome]:
    """A parsed object as canonical text.

    Two keys that differ by blanks only become one where their values are equal; else both stay as they are.
    """
    outcome = Outcome.AS_IT_WAS
    if trim_keys and any(key != key.strip() for key in value):
        value, outcome = _trimmed(value)
    if not value:
        return None, outcome
    return to_json(_sorted(value)).decode(), outcome


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _trimmed(value: dict[str, Any]) -> tuple[dict[str, Any], Outcome]:
    groups: dict[str, list[str]] = {}
    for key in value:
        groups.setdefault(key.strip(), []).append(key)
    trimmed: dict[str, Any] = {}
    outcome = Outcome.AS_IT_WAS
    for name, keys in groups.items():
        if all(value[key] == value[keys[0]] for key in keys):
            trimmed[name] = value[keys[0]]
            if keys != [name] and outcome is Outcome.AS_IT_WAS:
                outcome = Outcome.KEYS_TRIMMED
        else:
            trimmed.update({key: value[key] for key in keys})
            outcome = Outcome.BLANKS_KEPT
    return trimmed, outcome


def _key_twice(text: str) -> bool:
    """Whether some object of a text holds one key with two values."""
    found = False

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        collected: dict[str, Any] = {}
        for key, value in pairs:
            found = found or (key in collected and collected[key] != value)
            collected[key] = value
        return collected

    json.loads(text, object_pairs_hook=collect)
    return found
