"""JSON Schema of finops.yaml, for editors: the file's own model and the options of every installed kind."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from finops.config.allocations import AllocationModel
from finops.config.file_model import ConfigFile
from finops.config.plugins import Plugins, demand_kinds, emissions_kinds, receiver_kinds, source_kinds
from finops.config.quantities import Duration


def config_schema() -> dict[str, Any]:
    """A draft 2020-12 schema; the ``kind`` of an entry of sources, demand, value, emissions or receivers checks it."""
    schema = ConfigFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    definitions = schema.setdefault("$defs", {})
    every = {"every": {**TypeAdapter(Duration).json_schema(), "description": "Collection interval"}}
    reconcile = {"reconcile": {"type": "string", "description": "Another source of the same costs, for reconciliation"}}
    unit = {"unit": {"type": "string", "description": "Name of one unit"}}
    currency = {"currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "Currency of the series"}}
    sections: list[tuple[str, Plugins, dict[str, Any]]] = [
        ("sources", source_kinds(), {**every, **reconcile}),
        ("demand", demand_kinds(), {**every, **unit}),
        ("value", demand_kinds(), {**every, **currency}),
        ("emissions", emissions_kinds(), every),
        ("receivers", receiver_kinds(), {}),
    ]
    for section, plugins, own in sections:
        schema["properties"][section] = {
            "type": "object",
            "additionalProperties": {"oneOf": [_entry(kind, plugins, own, definitions) for kind in plugins.kinds]},
        }
    allocation = AllocationModel.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions.update(allocation.pop("$defs", {}))
    schema["properties"]["allocations"] = {
        **{key: value for key, value in schema["properties"]["allocations"].items() if key != "default"},
        "additionalProperties": allocation,
    }
    schema["properties"]["dimensions"] = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"oneOf": list(_STEPS)}},
    }
    return schema


_STEPS: tuple[dict[str, Any], ...] = (
    {
        "properties": {"tags": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
        "required": ["tags"],
        "additionalProperties": False,
    },
    {
        "properties": {"when": {"type": "string"}, "value": {"type": "string"}},
        "required": ["when", "value"],
        "additionalProperties": False,
    },
    {"properties": {"else": {"type": "string"}}, "required": ["else"], "additionalProperties": False},
)


def _entry(kind: str, plugins: Plugins, own: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    options = plugins.load(kind).Options.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions.update(options.pop("$defs", {}))
    properties = {"kind": {"const": kind}, **own, **options.get("properties", {})}
    if "currency" in own:
        properties.pop("unit", None)  # of a series in money it is the currency
    required = ["kind", *(["currency"] if "currency" in own else []), *options.get("required", [])]
    return {**options, "properties": properties, "required": required, "additionalProperties": False}
