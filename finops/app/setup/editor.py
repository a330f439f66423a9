"""What an editor needs to complete and check the files while they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from finops.app.setup.files import CONFIG
from finops.config.json_schema import config_schema
from finops.config.plugins import policy_kinds
from finops.policy.schema import policy_schema
from finops.policy.testing import policy_test_schema

VSCODE = (".vscode/settings.json", ".vscode/extensions.json")
_FILES = {"config": CONFIG, "policies": "policies/!(*.test).yaml", "tests": "policies/*.test.yaml"}
"""Name of a schema -> the files that it is for; a test is no policy."""


def editor_files(*, vscode: bool) -> Mapping[str, bytes]:
    """Relative path -> content: the schemas that the first lines of the files name, and with ``vscode`` the settings
    that find them for every file to come."""
    kinds = policy_kinds().load_all()
    schemas: dict[str, Any] = {
        "config": config_schema(),
        "policies": policy_schema(kinds),
        "tests": policy_test_schema({name for kind in kinds.values() for name in kind.profile.measures}),
    }
    documents: dict[str, Any] = {f".finops/{name}.schema.json": schema for name, schema in schemas.items()}
    if vscode:
        settings, extensions = VSCODE
        documents[settings] = {"yaml.schemas": {f"./.finops/{name}.schema.json": of for name, of in _FILES.items()}}
        documents[extensions] = {"recommendations": ["redhat.vscode-yaml"]}
    return {path: (json.dumps(content, indent=1) + "\n").encode() for path, content in documents.items()}
