"""A demo of 70 days, collected once a session, and the command line over it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops.cli.app import app

Finops = Callable[..., str]


def in_a_process(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Standard output of a process of its own, which ends well."""
    done = subprocess.run(
        [sys.executable, "-m", "finops", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == 0, f"{done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("verdicts") / "demo"
    in_a_process(out.parent, "demo", "--days", "70", "--no-serve", "--out", str(out))
    return out


@pytest.fixture
def folder(collected: Path, tmp_path: Path) -> Path:
    """A copy of its own for a test that changes something."""
    return shutil.copytree(collected, tmp_path / "demo")


@pytest.fixture
def finops(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Finops:
    """The command line in ``folder``, in this process: many commands in the time of one start."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run
