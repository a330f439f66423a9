"""``dimensions:`` of finops.yaml -> Dimension values, conditions checked against the columns."""

from __future__ import annotations

from typing import Any

from finops.conditions import ConditionFaults, parse
from finops.documents import Document, Fault, did_you_mean, place_inside
from finops.model.columns import Columns
from finops.model.dimension import Dimension, Else, FromTags, Step, When

_KEYS = ("tags", "when", "value", "else")
_TAKEN = ("tags", "provider", "account", "service", "cost", "currency")
"""What conditions call a row's tags, and the labels that every metric family of costs has."""


def read_dimensions(document: Document, columns: Columns) -> tuple[tuple[Dimension, ...], list[Fault]]:
    """Every dimension, or its faults: a name that FOCUS has, a step that is none, a condition that cannot be read."""
    dimensions, faults = [], []
    for name, steps in (document.data.get("dimensions") or {}).items():
        at = ("dimensions", name)
        if not name.isidentifier() or name.startswith("x_"):
            faults.append(document.fault(at, f"'{name}' is not a valid dimension name", "Use letters, digits and '_'"))
        if name in columns.types or name in columns.aliases or name in _TAKEN:
            faults.append(document.fault(at, f"'{name}' is already in use", "Choose another name"))
        read: list[Step] = []
        for index, step in enumerate(steps if isinstance(steps, list) else []):
            made = _step(document, (*at, index), step, columns, faults)
            if isinstance(made, Else) and index < len(steps) - 1:
                hint = "Move 'else' to the end"
                faults.append(document.fault((*at, index), "steps after 'else' are never reached", hint))
            if made is not None:
                read.append(made)
        dimensions.append(Dimension(name, tuple(read)))
    return tuple(dimensions), faults


def _step(
    document: Document, at: tuple[str | int, ...], step: Any, columns: Columns, faults: list[Fault]
) -> Step | None:
    if not isinstance(step, dict):
        return None  # the file's model has named this fault
    for key in step:
        if key not in _KEYS:
            faults.append(document.fault((*at, key), f"unknown key '{key}'", did_you_mean(key, _KEYS)))
            return None
    keys = set(step)
    if keys == {"tags"}:
        return _from_tags(document, at, step["tags"], faults)
    if keys == {"else"}:
        return Else(_text(document, (*at, "else")))
    if keys == {"when", "value"}:
        return _when(document, at, step, columns, faults)
    hint = "Write 'tags: [...]', or 'when:' with 'value:', or 'else:'"
    faults.append(document.fault(at, f"a step cannot be made of {', '.join(sorted(keys)) or 'nothing'}", hint))
    return None


def _text(document: Document, loc: tuple[str | int, ...]) -> str:
    """A value of a dimension, letter by letter as the file has it."""
    node = document.data
    for part in loc:
        node = node[part]
    return document.written(loc) or str(node)


def _from_tags(document: Document, at: tuple[str | int, ...], value: Any, faults: list[Fault]) -> FromTags | None:
    if isinstance(value, list):
        tags = [document.written((*at, "tags", index)) or tag for index, tag in enumerate(value)]
    else:
        tags = [document.written((*at, "tags")) or value]
    if tags and all(isinstance(tag, str) and tag for tag in tags):
        return FromTags(tuple(tags))
    faults.append(document.fault((*at, "tags"), "tag keys must be a list of strings", "Write [team, owner]"))
    return None


def _when(
    document: Document, at: tuple[str | int, ...], step: Any, columns: Columns, faults: list[Fault]
) -> When | None:
    condition = str(step["when"])
    try:
        parse(condition, columns)
    except ConditionFaults as error:
        for fault in error.faults:
            line, column = place_inside(document, (*at, "when"), condition, fault.offset)
            faults.append(Fault(document.file, line, column, fault.message, fault.hint))
        return None
    return When(condition, _text(document, (*at, "value")))
