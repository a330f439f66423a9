"""Prometheus's own tool checks our rules and runs their tests: what fires, and what must not."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from finops_exporters.rules import RulesExporter
from tests.support.profiles import PROFILES

DOCUMENT = Path(__file__).parents[3] / "docs/prometheus.md"

TESTS = sorted((Path(__file__).parent / "rules").glob("*.test.yaml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules as ``finops assets`` writes them, and their tests beside them."""
    made = tmp_path_factory.mktemp("rules")
    for name, content in RulesExporter().files("https://finops.example.com", PROFILES).items():
        (made / Path(name).name).write_bytes(content)
    for path in TESTS:
        shutil.copy(path, made)
    return made


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_every_file(promtool: str, folder: Path) -> None:
    run(promtool, "check", "rules", *(path.name for path in folder.glob("*.rules.yaml")), cwd=folder)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_what_fires_and_what_does_not(promtool: str, folder: Path, path: Path) -> None:
    run(promtool, "test", "rules", path.name, cwd=folder)


def test_the_scrape_configuration_of_the_documentation_is_one(promtool: str, tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "prometheus.yml").write_text(shown, encoding="utf-8")
    run(promtool, "check", "config", "--syntax-only", "prometheus.yml", cwd=tmp_path)
