"""What the program imports is what pyproject.toml declares: nothing arrives by way of somebody else's dependency."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
OWN = {"finops", "finops_exporters"}
# packages that several distributions share: the import says which one is meant
SHARED = {"azure": ("azure-identity", "azure-mgmt-carbonoptimization", "azure-mgmt-costmanagement", "azure-core")}
# parts of the public interface of a declared distribution, which names them in its documentation
REEXPORTED = {"pydantic-core": "pydantic", "starlette": "fastapi", "click": "typer", "botocore": "boto3"}


def run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers see, who have the development group."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from run_time(node)


def imports(tree: ast.Module) -> Iterator[str]:
    for node in run_time(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_every_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    declared = {canonicalize_name(Requirement(text).name) for text in texts}
    installed = packages_distributions()
    undeclared: dict[str, str] = {}
    for folder in ("finops", "exporters"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for module in imports(ast.parse(path.read_text())):
                top = module.partition(".")[0]
                if top in sys.stdlib_module_names or top in OWN:
                    continue
                holders = {canonicalize_name(name) for name in SHARED.get(top, installed.get(top, [top]))}
                if not (holders | {REEXPORTED.get(holder, holder) for holder in holders}) & declared:
                    undeclared.setdefault(top, str(path.relative_to(ROOT)))
    assert undeclared == {}
