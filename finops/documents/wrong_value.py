"""What is wrong with a value, in our words: pydantic's own are about Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic_core import ErrorDetails

from finops.documents.fault import did_you_mean
from finops.errors import InvalidValue

_STRING, _NUMBER, _WHOLE, _DAY = "a string", "a number", "a whole number", "a date"
_TIME, _DURATION, _URL, _MAPPING, _LIST = "a time", "a duration", "a URL", "a mapping", "a list"

_EXPECTED: Mapping[str, str] = {
    "string": _STRING,
    "path": _STRING,
    "bool": "true or false",
    "int": _WHOLE,
    "float": _NUMBER,
    "decimal": _NUMBER,
    "fraction": _NUMBER,
    "complex": _NUMBER,
    "finite": _NUMBER,
    "list": _LIST,
    "tuple": _LIST,
    "named_tuple": _LIST,
    "deque": _LIST,
    "set": _LIST,
    "frozen_set": _LIST,
    "iterable": _LIST,
    "iteration": _LIST,
    "dict": _MAPPING,
    "frozen_dict": _MAPPING,
    "ordered_dict": _MAPPING,
    "counter": _MAPPING,
    "mapping": _MAPPING,
    "model": _MAPPING,
    "dataclass": _MAPPING,
    "date": _DAY,
    "datetime": _TIME,
    "time": _TIME,
    "time_delta": _DURATION,
    "url": _URL,
    "bytes": _STRING,
    "uuid": "a UUID",
    "none": "nothing",
    "json": "JSON",
}
"""By the beginning of the error's type, such as ``int_parsing``; the longest that fits."""
_HINTS: Mapping[str, str] = {
    _STRING: "Put quotes around it",
    "true or false": "Write true or false, without quotes",
    _WHOLE: "Write digits only, such as 30",
    _NUMBER: "Write it like 0.5",
    _LIST: "Write [a, b], or one '- item' on each line",
    _MAPPING: "Write 'key: value', one on each line and indented",
    _DAY: "Write it like 2026-03-31",
    _TIME: "Write it like 2026-03-31T06:00:00Z",
    _DURATION: "Write it like 6h or 7d",
    _URL: "Write it like https://finops.example.com",
    "nothing": "Leave it out",
    "JSON": "Write it as JSON",
    "a UUID": "Write it like 6f0e4c1a-52d7-4b8e-9a3f-0c71d2e58b14",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
    "multiple_of": ("a multiple of", "multiple_of"),
}
_SHORT = 60


def type_expected(detail: ErrorDetails) -> str:
    """``a list``, of an error that says that the value has another type; else empty."""
    kind = detail["type"]
    if not kind.endswith(("_type", "_parsing", "_unicode", "_error", "_required", "_invalid")) and kind not in _OTHERS:
        return ""
    beginnings = [name for name in _EXPECTED if kind.startswith(f"{name}_") or kind == name]
    return _EXPECTED[max(beginnings, key=len)] if beginnings else ""


_OTHERS = frozenset(
    {
        "int_from_float",
        "int_parsing_size",
        "finite_number",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
        "datetime_from_date_parsing",
        "url_syntax_violation",
        "url_scheme",
        "uuid_version",
        "dataclass_exact_type",
        "bytes_invalid_encoding",
    }
)


def wrong_type(expected: Sequence[str], value: object) -> tuple[str, str]:
    """Message and hint for a value that is none of ``expected``."""
    kinds = list(dict.fromkeys(expected))
    hint = _HINTS.get(kinds[0], "Check this value")
    if value is None:
        hint = "Write a value, or remove the key if it is optional"
    elif kinds[0] == _STRING and isinstance(value, Mapping | list):
        hint = "Write a single value"
    return f"expected {' or '.join(kinds)}, found {_found(value, kinds)}", hint


def wrong_value(detail: ErrorDetails) -> tuple[str, str]:  # noqa: PLR0911 - one return a kind of error
    """Message and hint for any error of pydantic that is about a value; ``missing`` and unknown keys are not."""
    kind, ctx, value = detail["type"], detail.get("ctx", {}), detail["input"]
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    raised = ctx.get("error")
    if isinstance(raised, InvalidValue):
        return raised.what, raised.remedy
    check = f"Check the value of '{name}'" if name else "Check this value"
    if kind in {"value_error", "assertion_error"} and raised is not None:  # a validator's own words
        return f"{str(raised)[:1].lower()}{str(raised)[1:]}" or "this value is not valid", check
    if kind in {"literal_error", "enum"}:
        choices = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
        hint = did_you_mean(str(value), choices) if choices else check
        return f"unknown value {_found(value, ())}", hint
    if kind == "json_invalid":
        return "this is not JSON", f"{ctx.get('error', 'Check the body')}"
    if expected := type_expected(detail):
        return wrong_type([expected], value)
    if kind in _BOUNDS:
        bound, limit = _BOUNDS[kind]
        return f"must be {bound} {ctx.get(limit)}, found {_found(value, ())}", check
    if kind.endswith(("too_short", "too_long")):
        return _length(kind, ctx), check
    if kind == "string_pattern_mismatch":
        return f"{_found(value, ())} does not have the form {ctx.get('pattern')}", check
    if kind.startswith("timezone"):
        return "expected a time with its zone", "Write it like 2026-03-31T06:00:00Z"
    if kind.startswith("decimal"):
        return "the number has too many digits", "Round it"
    if kind.startswith("union_tag"):
        return "the value has none of the known forms", check
    if kind == "invalid_key":
        return f"the key {_found(value, ())} is not a string", "Put quotes around it"
    return "this value is not valid", check


def _length(kind: str, ctx: Mapping[str, Any]) -> str:
    unit = "character" if kind.startswith(("string", "bytes", "url")) else "item"
    limit = next((ctx[key] for key in ("min_length", "max_length") if key in ctx), 1)
    if kind.endswith("too_short"):
        return "must not be empty" if limit == 1 else f"must have at least {limit} {unit}s"
    return f"must have at most {limit} {unit}{'' if limit == 1 else 's'}"


def _found(value: object, expected: Sequence[str]) -> str:
    """What a user wrote. A text is repeated only beside numbers and words: in place of a mapping it may be a secret."""
    if isinstance(value, bool) or value is None:
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, Mapping | list | tuple | set):
        return _MAPPING if isinstance(value, Mapping) else _LIST
    if isinstance(value, int | float | date | datetime):
        return str(value)
    if isinstance(value, str) and not {_MAPPING, _LIST, _URL} & set(expected):
        return f"'{value[:_SHORT]}{'…' if len(value) > _SHORT else ''}'"
    return _STRING
