"""The wheel: what the program reads at run time is in it, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.sample import SAMPLE

ROOT = Path(__file__).parents[3]
PACKAGES = {
    "finops": ROOT / "finops",
    "finops/policies": ROOT / "policies",
    "finops/runbooks": ROOT / "docs/runbooks",
    "finops_exporters": ROOT / "exporters/finops_exporters",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_every_file_of_the_packages_is_shipped(wheel: zipfile.ZipFile) -> None:
    wanted = {
        f"{name}/{path.relative_to(folder)}"
        for name, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "finops/py.typed" in wanted
    assert wanted - set(wheel.namelist()) == set()


@pytest.fixture(scope="module")
def site(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    wheel.extractall(folder)
    return folder


def finops(site: Path, folder: Path, *arguments: str) -> str:
    """What the program in ``site`` prints, with nothing of this tree."""
    start = f"import sys; sys.path.insert(0, {str(site)!r}); import finops; sys.argv[1:] = {list(arguments)!r}; "
    run = f"assert finops.__file__.startswith({str(site)!r}); from finops.cli.app import main; main()"
    command = [sys.executable, "-I", "-c", start + run]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_bill_can_be_looked_at_from_the_wheel_alone(site: Path, tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(SAMPLE.read_bytes())
    shown = finops(site, tmp_path, "look", "bill.csv")
    assert "finops init --source focus-files:path=bill.csv --currency USD --budget 15" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["bill.csv"], "nothing is written"


def test_the_demo_runs_from_the_wheel_alone(site: Path, tmp_path: Path) -> None:
    shown = finops(site, tmp_path, "demo", "--days", "40", "--no-serve", "--out", "demo")
    assert " firing, " in shown
    assert "Data version" in shown


def test_nothing_but_the_packages_is_shipped(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"finops", "finops_exporters"}
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
