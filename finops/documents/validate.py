"""pydantic models over documents: every validation error becomes a fault with a place and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finops.documents.fault import Fault, did_you_mean
from finops.documents.wrong_value import type_expected, wrong_type, wrong_value
from finops.documents.yaml_file import Document

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
        message, _ = wrong_type(["a mapping"], value)
        return None, [document.fault(at, message, "Known keys: " + ", ".join([*beside, *_keys(model)]))]
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
    found: list[Fault] = []
    places = [tuple(_existing(document, tuple(at), detail["loc"])) for detail in error.errors()]
    expected: dict[tuple[str | int, ...], list[str]] = {}
    for place, detail in zip(places, error.errors(), strict=True):
        if kind := type_expected(detail):
            expected.setdefault(place, []).append(kind)
    for place, detail in zip(places, error.errors(), strict=True):
        if not type_expected(detail):
            found.append(_fault(document, tuple(at), model, beside, detail))
        elif (kinds := expected.pop(place, None)) and not any(
            _is_deeper(other, one, place) for other, one in zip(places, error.errors(), strict=True)
        ):
            # once for all forms that the value may have
            found.append(document.fault((*at, *place), *wrong_type(kinds, detail["input"]), of_value=True))
    return found


def _is_deeper(place: tuple[str | int, ...], detail: ErrorDetails, than: tuple[str | int, ...]) -> bool:
    """Whether another form of the value at ``than`` fits, but for what stands inside it."""
    inside = place[: len(than)] == than
    return inside and (len(place) > len(than) or detail["type"] in {"missing", "extra_forbidden"})


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
    return document.fault(loc, *wrong_value(detail), of_value=True)


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
