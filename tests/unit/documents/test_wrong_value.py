"""Whatever pydantic finds wrong with a value, users read our words for it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticKnownError
from pydantic_core.core_schema import ErrorType

from finops.config.file_model import ConfigFile
from finops.config.plugins import demand_kinds, emissions_kinds, policy_kinds, receiver_kinds, source_kinds
from finops.documents import parse_documents, validate, wrong_value
from finops.documents.wrong_value import type_expected
from finops.policy.document import PolicyFile
from finops.web.api import alerts, costs, findings, silences, sources

ODD: list[Any] = [
    None,
    True,
    5,
    -1,
    2**70,
    0.5,
    float("inf"),
    "",
    "x",
    "€" * 5000,
    [],
    ["x"],
    [1],
    {},
    {"x": 1},
    {1: 2},
]
ODD += [date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), timedelta(1)]
UNSAID = "this value is not valid"


def models() -> Iterator[type[BaseModel]]:
    """Every model that files and requests are read with."""
    yield from (ConfigFile, PolicyFile)
    for group in (source_kinds(), demand_kinds(), emissions_kinds(), receiver_kinds(), policy_kinds()):
        for factory in group.load_all().values():
            yield factory.Options
    for module in (alerts, costs, findings, silences, sources):
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, BaseModel) and one is not BaseModel:
                yield one


def inside(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """``model`` and all models in its fields."""
    if model in seen:
        return
    seen.add(model)
    yield model
    waiting = [field.annotation for field in model.model_fields.values()]
    while waiting:
        annotation = waiting.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from inside(annotation, seen)
        waiting += get_args(annotation)


def errors_of(model: type[BaseModel]) -> Iterator[ErrorDetails]:
    """What the model says of odd values, in each field alone."""
    for name, field in model.model_fields.items():
        for value in ODD:
            try:
                model.model_validate({field.alias or name: value})
            except ValidationError as error:
                yield from error.errors()


def test_no_model_of_ours_speaks_with_pydantics_words() -> None:
    seen: set[type[BaseModel]] = set()
    kinds: dict[str, set[str]] = {}
    for root in models():
        for model in inside(root, seen):
            for detail in errors_of(model):
                if detail["type"] in {"missing", "extra_forbidden"}:
                    continue
                message, hint = wrong_value(detail)
                kinds.setdefault(detail["type"], set()).add(message)
                own = detail["type"] in {"value_error", "assertion_error"}
                assert own or detail["msg"].lower() not in f"{message} {hint}".lower(), (model, detail)
                assert "should be" not in message.lower(), (model, detail)
                assert hint
    assert not [kind for kind, messages in kinds.items() if UNSAID in messages]
    assert {
        "string_type",
        "list_type",
        "dict_type",
        "int_type",
        "bool_type",
        "literal_error",
        "greater_than_equal",
    } <= set(kinds)


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_no_error_type_of_pydantic_comes_through(kind: str) -> None:
    """Also those that no model of ours can raise today."""
    ctx: dict[str, Any] = {
        name: value
        for names, value in (
            (("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length", "max_digits"), 3),
            (("decimal_places", "whole_digits", "expected_version", "tz_expected", "tz_actual"), 3),
            (("pattern", "expected", "error", "field_type", "class", "class_name", "tag", "discriminator"), "z"),
            (("expected_tags", "expected_schemes", "encoding", "encoding_error", "method_name"), "z"),
        )
        for name in names
    }
    if kind in {"value_error", "assertion_error"}:
        ctx["error"] = ValueError("Own words")
    detail: ErrorDetails = {"type": kind, "loc": ("a",), "msg": "Input should be of Python", "input": "q", "ctx": ctx}
    message, hint = wrong_value(detail)
    assert "Input should" not in f"{message} {hint}"
    assert message
    assert hint


def test_the_types_are_pydantics() -> None:
    """A type that pydantic does not have would stand here for nothing."""
    for kind in ("int_from_float", "finite_number", "dataclass_exact_type"):
        assert kind in get_args(ErrorType)
        assert type_expected({"type": kind, "loc": (), "msg": "", "input": 1})
    assert PydanticKnownError("int_parsing").type == "int_parsing"


HEAD = "apiVersion: finops/v1\npolicies: p\ncurrency: EUR\n"


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("lake: [1]", ["f:4:7: expected a string or a mapping, found a list. Write a single value"]),
        (
            "lake: {urii: x}",
            ["f:4:8: unknown key 'urii'. Did you mean 'uri'?", "f:4:1: the key 'uri' is missing. Add 'uri:' here"],
        ),
        (
            "lake: l\nfiscal_year_starts: 13",
            ["f:5:21: must be at most 12, found 13. Check the value of 'fiscal_year_starts'"],
        ),
        (
            "lake: l\nsources: 5",
            ["f:5:10: expected a mapping, found 5. Write 'key: value', one on each line and indented"],
        ),
        (
            "lake: l\nreceivers: smtp://anna:secret@mail",
            ["f:5:12: expected a mapping, found a string. Write 'key: value', one on each line and indented"],
        ),
    ],
)
def test_a_value_of_the_wrong_form_is_told_once(yaml: str, expected: list[str]) -> None:
    [document] = parse_documents(f"{HEAD}{yaml}\n", "f")[0]
    model, faults = validate(ConfigFile, document)
    assert model is None
    assert sorted(map(str, faults)) == sorted(expected)
