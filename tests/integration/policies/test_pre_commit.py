"""The hooks in a repository of policies, run by pre-commit itself, with the finops that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x", "--no-verify")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def hooked(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    hooks = tmp_path_factory.mktemp("hooks")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    revision = commit(hooks)
    ids = ("finops-policies-check", "finops-policies-test")
    used = "".join(f"      - {{id: {id_}, language: system}}\n" for id_ in ids)
    config = f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n{used}"
    (folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    commit(folder)
    return folder


def run_hooks(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(folder / ".cache"), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )
    return done.returncode, done.stdout + done.stderr


def test_good_policies_are_committed_and_others_are_not(hooked: Path) -> None:
    status, out = run_hooks(hooked)
    assert (status, out.count("Passed")) == (0, 2), out

    policy = hooked / "policies" / "checkout.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("12000", "20000"), encoding="utf-8")
    status, out = run_hooks(hooked)
    assert status == 1
    assert "policies/checkout.test.yaml:7:29: state: expected firing, found ok" in out

    policy.write_text(policy.read_text(encoding="utf-8").replace("team =", "tema ="), encoding="utf-8")
    status, out = run_hooks(hooked)
    assert out.count("policies/checkout.yaml:5:10: unknown column 'tema'. Did you mean 'team'?") == 2
