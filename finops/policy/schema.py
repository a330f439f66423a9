"""JSON Schema of policy files, for editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from finops.policy.document import Metadata
from finops.policy.kind import KindFormat, Kinds


def policy_schema(kinds: Kinds, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """JSON Schema 2020-12 of one document of a policy file: one branch a kind, chosen by ``kind``.

    ``scopes``: conditions that editors offer to complete.
    """
    definitions: dict[str, Any] = {"Metadata": Metadata.model_json_schema()}
    branches = []
    for name in sorted(kinds):
        spec = _spec(kinds[name])
        if scopes:
            spec["properties"]["scope"]["examples"] = list(scopes)
        definitions |= spec.pop("$defs", {})
        definitions[f"{name}Spec"] = spec
        branches.append(
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"properties": {"spec": {"$ref": f"#/$defs/{name}Spec"}}},
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "finops policy",
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": "finops/v1", "description": "The version of this format."},
            "kind": {"enum": sorted(kinds), "description": _kinds_text(kinds)},
            "metadata": {"$ref": "#/$defs/Metadata"},
            "spec": {"type": "object"},
        },
        "allOf": branches,
        "$defs": dict(sorted(definitions.items())),
    }


def _spec(kind: type[KindFormat]) -> dict[str, Any]:
    """The kind's options, with a pattern for ``when`` that names the kind's own measures."""
    spec = kind.Options.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    measures = "|".join(sorted(kind.profile.measures))
    examples = [f"{name} > {unit.example}" for name, measure in kind.profile.measures.items() for unit in measure.units]
    alert = spec["$defs"].pop("AlertOptions")
    alert["properties"]["when"] |= {"pattern": rf"^\s*({measures})\s*(>=|>|<=|<)\s*\S.*$", "examples": examples}
    alert["title"] = f"{kind.profile.kind}Alert"
    spec["$defs"][f"{kind.profile.kind}Alert"] = alert
    spec["properties"]["alerts"]["items"] = {"$ref": f"#/$defs/{kind.profile.kind}Alert"}
    return spec


def _kinds_text(kinds: Kinds) -> str:
    questions = [f"{name}: {kinds[name].profile.question}" for name in sorted(kinds)]
    return "The question that the policy asks. " + " ".join(questions)
