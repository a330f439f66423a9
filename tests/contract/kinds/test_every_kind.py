"""What every kind of source, demand, receiver and policy keeps: run over all that are installed, ours or not."""

from __future__ import annotations

import json
import re
import tomllib
import typing
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from finops.model.secret import Secret

ROOT = Path(__file__).parents[3]
GROUPS = ("finops.sources", "finops.demand", "finops.emissions", "finops.receivers", "finops.policy_kinds")
CONFIGURED = GROUPS[:4]
SECRET_NAME = re.compile(r"(^|_)(secret|password|passphrase|api_key|access_key|token|sas)(_|$)")


def kinds(groups: tuple[str, ...]) -> list[Any]:
    found = [entry for group in groups for entry in entry_points(group=group)]
    return [pytest.param(entry, id=f"{entry.group}:{entry.name}") for entry in sorted(found)]


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every model in its fields, however deep."""
    seen: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        one = waiting.pop()
        waiting.extend(typing.get_args(one))
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in seen:
            seen.add(one)
            waiting.extend(field.annotation for field in one.model_fields.values())
            yield one


def test_the_installation_is_as_new_as_pyproject() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group in GROUPS:
        installed = {entry.name: entry.value for entry in entry_points(group=group)}
        assert declared[group].items() <= installed.items(), f"{group}: install anew (make does it)"


@pytest.mark.parametrize("entry", kinds(GROUPS))
def test_it_is_found_under_its_own_name(entry: EntryPoint) -> None:
    kind = entry.load()
    assert (kind.profile.kind if entry.group == "finops.policy_kinds" else kind.kind) == entry.name
    assert callable(entry.load().from_options)


@pytest.mark.parametrize("entry", kinds(GROUPS))
def test_a_mistyped_option_is_a_fault(entry: EntryPoint) -> None:
    open_models = [one for one in models(entry.load().Options) if one.model_config.get("extra") != "forbid"]
    assert open_models == []


@pytest.mark.parametrize("entry", kinds(GROUPS))
def test_an_editor_can_know_its_options(entry: EntryPoint) -> None:
    schema = entry.load().Options.model_json_schema()
    assert json.loads(json.dumps(schema))["type"] == "object"


@pytest.mark.parametrize("entry", kinds(CONFIGURED))
def test_a_secret_is_a_reference(entry: EntryPoint) -> None:
    inline = [
        f"{one.__name__}.{name}"
        for one in models(entry.load().Options)
        if one is not Secret
        for name, field in one.model_fields.items()
        if SECRET_NAME.search(name) and Secret not in (field.annotation, *typing.get_args(field.annotation))
    ]
    assert inline == []
