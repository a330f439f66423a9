"""Sizes and names of files, the version, and the marks that type checkers look for."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import finops

ROOT = Path(__file__).parents[3]
PRODUCT = [path for folder in ("finops", "exporters") for path in sorted((ROOT / folder).rglob("*.py"))]
SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}


def test_names_say_something() -> None:
    names = [path.relative_to(ROOT).with_suffix("") for path in PRODUCT]
    assert [str(name) for name in names if SAY_NOTHING.intersection(name.parts)] == []


def test_files_stay_small() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in PRODUCT}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for path in PRODUCT}
    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_strictly_typed_packages_say_so() -> None:
    assert (ROOT / "finops/py.typed").exists()
    assert (ROOT / "exporters/finops_exporters/py.typed").exists()


def test_the_version_stands_everywhere_the_same() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert finops.__version__ == version
    releases = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert releases[0].startswith(f"## {version}")


def test_scripts_can_be_run() -> None:
    for script in (".ci/run", "requirements/install.sh", "tests/servers/install.sh"):
        assert os.access(ROOT / script, os.X_OK), script
