"""pydantic models over documents: every validation error becomes a fault with a place and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finops.documents.fault import Fault, did_you_mean
from finops.documents.yaml_file import Document
from finops.errors import InvalidValue

M = TypeVar("M", bound=BaseModel)


def validate(
    model: type[M],
    document: Document,
    *,
    at: Sequence[str | int] = (),
    beside: Sequence[str] = (),
    context: Any = None,
) -> tuple[M | None, list[Fault]]:
    """The part of ``document`` at ``at`` as ``model``, or all of its faults.

    A model's own validators raise ``InvalidValue``, whose remedy becomes the hint.
    ``beside``: keys that stand in the same mapping and belong to somebody else; they are known, and left out.
    ``context`` reaches the validators as ``info.context``. Where the model wants text and YAML reads a number, a truth
    value or a date, the text is what the file says, letter by letter.
    """
    value = document.data
    for part in at:
        value = value[part]
    if not isinstance(value, Mapping):
        found = "nothing" if value is None else type(value).__name__
        hint = "Known keys: " + ", ".join([*beside, *_keys(model)])
        return None, [document.fault(at, f"expected a mapping, found {found}", hint)]
    own = {key: part for key, part in value.items() if key not in beside}
    try:
        return model.model_validate(own, context=context), []
    except ValidationError as error:
        texts = dict(_texts(document, tuple(at), error.errors()))
        if not texts:
            return None, _faults(document, at, model, beside, error)
    try:
        return model.model_validate(_with_texts(own, texts), context=context), []
    except ValidationError as error:
        return None, _faults(document, at, model, beside, error)


def _texts(
    document: Document, at: tuple[str | int, ...], details: Sequence[ErrorDetails]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where text is wanted and something else was read from it: the text, by its place below ``at``."""
    for detail in details:
        if detail["type"] == "string_type":
            loc = tuple(_existing(document, at, detail["loc"]))
            written = document.written((*at, *loc))
            if written is not None:
                yield loc, written


def _with_texts(node: Any, texts: Mapping[tuple[str | int, ...], str], loc: tuple[str | int, ...] = ()) -> Any:
    if loc in texts:
        return texts[loc]
    if isinstance(node, Mapping):
        return {key: _with_texts(value, texts, (*loc, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_texts(value, texts, (*loc, index)) for index, value in enumerate(node)]
    return node


def _faults(
    document: Document, at: Sequence[str | int], model: type[BaseModel], beside: Sequence[str], error: ValidationError
) -> list[Fault]:
    return [_fault(document, tuple(at), model, beside, detail) for detail in error.errors()]


def _fault(
    document: Document,
    at: tuple[str | int, ...],
    model: type[BaseModel],
    beside: Sequence[str],
    detail: ErrorDetails,
) -> Fault:
    loc = (*at, *_existing(document, at, detail["loc"]))
    kind = detail["type"]
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        keys = _keys(_model_at(model, detail["loc"][:-1]))
        if len(detail["loc"]) == 1:
            keys.extend(beside)
        return document.fault(loc, f"unknown key '{name}'", did_you_mean(name, keys))
    if kind == "missing":
        return document.fault(loc, f"the key '{name}' is missing", f"Add '{name}:' here")
    raised = detail.get("ctx", {}).get("error")
    if isinstance(raised, InvalidValue):
        return document.fault(loc, raised.what, raised.remedy, of_value=True)
    message = detail["msg"].removeprefix("Value error, ")
    if kind in {"literal_error", "enum"} and isinstance(detail["input"], str):
        choices = [choice.strip("' ") for choice in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
        message, hint = f"unknown value '{detail['input']}'", did_you_mean(detail["input"], choices)
    elif kind == "string_type":
        message, hint = "expected a string", "Put quotes around it"
    else:
        message = f"{message[:1].lower()}{message[1:]}"
        hint = f"Check the value of '{name}'" if name else "Check this value"
    return document.fault(loc, message, hint, of_value=True)


def _existing(document: Document, at: tuple[str | int, ...], loc: Sequence[str | int]) -> Iterator[str | int]:
    """The parts of a pydantic ``loc`` that stand in the document: union tags and model names do not."""
    node = document.data
    for part in at:
        node = node[part]
    for part in loc:
        in_mapping = isinstance(node, Mapping) and part in node
        if in_mapping or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            yield part
            node = node[part]


def _keys(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that a key at ``loc`` belongs to, found by following annotations."""
    current: type[BaseModel] | None = model
    for part in loc:
        if current is None:
            return None
        for name, field in current.model_fields.items():
            if part in (name, field.alias):
                current = next(_models_in(field.annotation), None)
                break
        else:
            tagged = [m for m in _models_in(current) if m.__name__ == part]
            current = tagged[0] if tagged else current
    return current


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _models_in(argument)
