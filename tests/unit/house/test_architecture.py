"""Each import rule breaks when it is broken: a rule that cannot fail protects nothing."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RULES = configparser.ConfigParser()
RULES.read(ROOT / ".importlinter")
LAYERS = set(re.findall(r"\w+", RULES["importlinter:contract:layers"]["layers"])) - {"__main__"}
INNER = [
    (container, re.findall(r"\w+", rule["layers"]))
    for name, rule in RULES.items()
    if rule.get("type") == "layers" and name != "importlinter:contract:layers"
    for container in rule["containers"].split()
]
"""Packages with layers of their own, each with its layers from the highest to the lowest."""


def listed(contract: str, field: str) -> set[str]:
    return set(RULES[f"importlinter:contract:{contract}"][field].split())


def lint(folder: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{folder / 'exporters'}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stdout


def _folder(package: str) -> str:
    parts = package.replace(".", "/")
    return f"exporters/{parts}" if package.startswith("finops_exporters") else parts


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a tree of empty packages with one import against each rule."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / ".importlinter", folder)
    planted = {
        **{f"finops/{layer}/__init__.py": "" for layer in LAYERS},
        **{
            f"{_folder(container)}/{layer}/__init__.py": f"import {container}.{layers[0]}"
            if layer == layers[-1]
            else ""
            for container, layers in INNER
            for layer in layers
        },
        "finops/evaluate/kinds/carbon/__init__.py": "",
        "finops/evaluate/kinds/budget/__init__.py": "",
        "finops/__init__.py": "",
        "finops/__main__.py": "",
        "exporters/finops_exporters/__init__.py": "",
        "finops/model/upward.py": "import finops.ports",
        "finops/lake/tables/sideways.py": "import finops.focus",
        "finops/homeless.py": "",
        "finops/app/sink.py": "import finops_exporters",
        "exporters/finops_exporters/deep.py": "import finops.lake",
        "finops/publish/cloud.py": "import boto3",
        "finops/objectstore/cloud.py": "import boto3",
        "finops/lake/tables/store.py": "import finops.objectstore.cloud, obstore",
        "finops/evaluate/shortcut.py": "import deltalake",
        "finops/publish/engine.py": "import pyspark",
        "finops/evaluate/kinds/budget/sideways.py": "import finops.evaluate.kinds.carbon",
        "finops/policy/one.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import finops.policy.other",
        "finops/policy/other.py": "import finops.policy.one",
    }
    for name, text in planted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return lint(folder)


@pytest.mark.parametrize(
    "said",
    [
        "finops.model is not allowed to import finops.ports",
        "finops.lake is not allowed to import finops.focus",
        "homeless",
        "finops is not allowed to import finops_exporters",
        "finops_exporters is not allowed to import finops.lake",
        *(f"{container}.{layers[-1]} is not allowed to import {container}.{layers[0]}" for container, layers in INNER),
        "finops.publish is not allowed to import boto3",
        "finops.evaluate is not allowed to import deltalake",
        "finops.publish is not allowed to import pyspark",
        "finops.evaluate.shortcut",
        "finops.evaluate.kinds.budget is not allowed to import finops.evaluate.kinds.carbon",
        "No cycles are allowed in finops.policy",
    ],
)
def test_a_rule_breaks_when_it_is_broken(report: str, said: str) -> None:
    assert said in report


def test_the_lake_may_reach_a_cloud_through_the_object_store(report: str) -> None:
    assert "finops.lake is not allowed to import boto3" not in report
    assert "finops.lake is not allowed to import obstore" not in report
    assert "finops.objectstore is not allowed" not in report


def test_the_rules_name_every_layer() -> None:
    assert listed("sinks-behind-ports", "forbidden_modules") == {
        f"finops.{layer}" for layer in LAYERS - {"ports", "http_client", "model", "errors", "deferred"}
    }
    assert listed("clouds-at-the-edge", "source_modules") == {
        f"finops.{layer}" for layer in LAYERS - {"collect", "objectstore"}
    } | {"finops_exporters"}
    assert listed("object-stores-at-the-edge", "source_modules") == {
        f"finops.{layer}" for layer in LAYERS - {"collect", "objectstore", "lake"}
    } | {"finops_exporters"}
    assert listed("spark-in-one-place", "source_modules") == {f"finops.{layer}" for layer in LAYERS - {"cluster"}} | {
        "finops_exporters"
    }


def test_one_module_of_cluster_imports_pyspark() -> None:
    found = [path.name for path in (ROOT / "finops" / "cluster").glob("*.py") if "pyspark import" in path.read_text()]
    assert found == ["spark.py"]
