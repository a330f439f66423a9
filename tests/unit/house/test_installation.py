"""requirements/install.sh: the choice of an interpreter, the words when there is none, and the indexes of pip."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHIM_WITHOUT_VERSION = "#!/bin/sh\necho 'no such version' >&2\nexit 127\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"
# fits, and stops the installation at the first step that would make something
FITTING = '#!/bin/sh\ncase "$1" in -c) exit 0 ;; --version) echo Python 3.12.1 ;; *) echo "asked: $*"; exit 9 ;; esac\n'


def install(tree: Path, programs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the script in an empty tree that knows these programs and no Python of this machine."""
    for name, text in programs.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    (tree / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/install.sh", tree / "requirements")
    (tree / "tools").mkdir()
    (tree / "tools/dirname").symlink_to(str(shutil.which("dirname")))
    return subprocess.run(
        [str(shutil.which("bash")), "requirements/install.sh", "runtime"],
        cwd=tree,
        env={"PATH": os.pathsep.join(str(tree / folder) for folder in ("shims", "bin", "tools")), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    ran = install(tmp_path, {"bin/python3": TOO_OLD})
    assert ran.returncode == 1
    assert ran.stderr.startswith("finops needs Python 3.11 or newer with venv and ensurepip")
    assert "apt-get install python3 python3-venv" in ran.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("name", ["python3.13", "python3.11", "python3", "python"])
def test_a_shim_that_does_not_run_hides_nothing(tmp_path: Path, name: str) -> None:
    shims = {f"shims/{other}": SHIM_WITHOUT_VERSION for other in ("python3.13", "python3.12", "python3", "python")}
    ran = install(tmp_path, {**shims, f"bin/{name}": FITTING})
    assert f"creating .venv with Python 3.12.1 ({tmp_path}/bin/{name})" in ran.stdout
    assert "asked: -m venv --clear .venv" in ran.stdout
    assert ran.returncode == 9


def test_an_interpreter_can_be_named(tmp_path: Path) -> None:
    chosen = tmp_path / "elsewhere/python"
    ran = install(tmp_path, {"bin/python3": FITTING, "elsewhere/python": FITTING}, PYTHON=str(chosen))
    assert f"({chosen})" in ran.stdout


def test_a_named_interpreter_that_does_not_fit_is_not_replaced(tmp_path: Path) -> None:
    ran = install(tmp_path, {"bin/python3": FITTING, "elsewhere/python": TOO_OLD}, PYTHON="elsewhere/python")
    assert ran.returncode == 1
    assert "elsewhere/python" in ran.stderr


def package_index(folder: Path, version: str) -> Path:
    """A simple index that knows one version of `probe`; the path of its wheel."""
    wheel = folder / "probe" / f"probe-{version}-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    about = f"probe-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: probe\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    (wheel.parent / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return wheel


def test_a_locked_version_is_found_in_every_index_that_pip_is_set_to(tmp_path: Path) -> None:
    package_index(tmp_path / "older", "1.0")
    locked = hashlib.sha256(package_index(tmp_path / "newer", "2.0").read_bytes()).hexdigest()
    tree = tmp_path / "tree"
    (tree / "requirements").mkdir(parents=True)
    (tree / "requirements/build.txt").touch()
    (tree / "requirements/runtime.txt").write_text(f"probe==2.0 --hash=sha256:{locked}\n")
    shutil.copy(ROOT / "requirements/install.sh", tree / "requirements")
    subprocess.run([sys.executable, "-m", "venv", tree / ".venv"], check=True)
    (tree / ".venv/bin/uv").symlink_to(Path(sys.executable).parent / "uv")
    settings = tmp_path / "pip.conf"
    settings.write_text(
        f"[global]\nindex-url = {(tmp_path / 'newer').as_uri()}\nextra-index-url = {(tmp_path / 'older').as_uri()}\n"
    )
    subprocess.run(
        [str(shutil.which("bash")), "requirements/install.sh", "runtime"],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": str(settings)},
        capture_output=True,
        check=False,  # the tree holds no project: only the locked packages can be installed
    )
    assert list(tree.glob(".venv/lib/*/site-packages/probe-2.0.dist-info"))
