"""JSON Schema of ``*.test.yaml`` files, for editors."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from finops.policy.testing.file_model import PolicyTestFile


def policy_test_schema(measures: Collection[str]) -> dict[str, Any]:
    """JSON Schema 2020-12 of one document of a test file. ``measures``: of all installed kinds, to complete them."""
    schema = PolicyTestFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "test of a finops policy"
    schema["$defs"]["Expectation"]["properties"]["measure"] |= {"examples": sorted(measures)}
    return schema
