"""The locks hold no address, hash everything, and agree with pyproject.toml and with one another."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCKS = ("runtime", "build", "dev", "release")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "runtime": PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["postgres"],
    "build": PROJECT["dependency-groups"]["build"],
    "release": PROJECT["dependency-groups"]["release"],
    "dev": PROJECT["dependency-groups"]["dev"] + PROJECT["dependency-groups"]["build"],
}


def entries(name: str) -> list[str]:
    """Each requirement of a lock with its hashes, as one line without comments."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def pins(name: str) -> dict[str, list[Requirement]]:
    """By package name. A package may be pinned twice, for different interpreters or systems."""
    found: dict[str, list[Requirement]] = {}
    for entry in entries(name):
        requirement = Requirement(entry.split(" --hash")[0].strip())
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_stands_in_a_lock(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert not re.findall(r"\w+://\S+|^--?\S*(?:index|find-links|host)\S*|^-[if] .*", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_and_hashed(name: str) -> None:
    assert entries(name)
    for entry in entries(name):
        assert re.fullmatch(r"[a-z0-9.-]+==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry.strip()), entry


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_pyproject_asks_for(name: str) -> None:
    locked = pins(name)
    for text in WANTED[name]:
        wanted = Requirement(text)
        found = locked.get(canonicalize_name(wanted.name), [])
        assert found, f"requirements/{name}.txt lacks {text}: make lock"
        for pin in found:
            version = str(pin.specifier).removeprefix("==")
            assert wanted.specifier.contains(version, prereleases=True), f"{pin} is not {text}: make lock"


@pytest.mark.parametrize("name", ["runtime", "build"])
def test_the_development_lock_holds_the_others(name: str) -> None:
    everything = pins("dev")
    for package, pinned in pins(name).items():
        assert {str(pin) for pin in pinned} <= {str(pin) for pin in everything.get(package, [])}, package


def test_a_build_without_isolation_finds_all_it_needs() -> None:
    asked = {canonicalize_name(Requirement(text).name) for text in PROJECT["build-system"]["requires"]}
    assert asked | {"editables"} <= pins("build").keys()
