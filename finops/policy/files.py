"""Files, directories and globs -> the policy files among them, and their tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

from finops.documents import Fault

_SUFFIXES = (".yaml", ".yml")
_TESTS = (".test.yaml", ".test.yml")
_KEY = re.compile(r"""^["']?([A-Za-z]\w*)["']?\s*:(?:[ \t]+["']?([^\s"'#]+))?""", re.MULTILINE)
"""A key at the start of a line, with its value. Templates of YAML and broken files have them, too."""
_OF_A_POLICY = frozenset({"kind", "metadata", "spec"})
_OF_THE_CONFIGURATION = frozenset({"currency", "lake", "policies"})
_OF_A_TEST = frozenset({"policy", "costs", "expect"})


def policy_files(paths: Iterable[Path | str]) -> tuple[list[Path], list[Fault]]:
    """Every policy file once, sorted within each path; tests (``*.test.yaml``) are left out, and so are the files of
    other programs that a directory holds. A file that is named, or that a glob matches, is a policy file.

    A path that is not there, and a glob that matches nothing, are faults; an empty directory is not.
    """
    found, faults = _yaml_files(paths)
    return [path for path in found if not _is_test(path)], faults


def policy_version(paths: Iterable[Path | str], *, tests: bool = False) -> object:
    """Equal as long as no policy file has changed, come or gone, and with ``tests`` no test either. What was read from
    them is kept for so long: a thousand policies take seconds to read."""
    paths = list(paths)
    files, faults = policy_files(paths)
    if tests:
        files += policy_test_files(paths)
    return tuple((str(file), content_digest(file)) for file in files), tuple(faults)


def content_digest(file: Path) -> str:
    """Changes when the file's bytes do; empty for one that cannot be read: reading it says why."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def policy_test_files(paths: Iterable[Path | str]) -> list[Path]:
    """The tests among the same files, likewise."""
    return [path for path in _yaml_files(paths)[0] if _is_test(path)]


def other_files(paths: Iterable[Path | str]) -> list[Path]:
    """The YAML files in the directories among ``paths`` that are neither policies nor tests."""
    inside = [path for directory in map(Path, paths) if directory.is_dir() for path in _inside(directory)]
    return [path for path in inside if not is_policy_file(path)]


def _inside(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.suffix in _SUFFIXES)


def is_policy_file(path: Path) -> bool:
    """Whether the keys of a file are those of a policy or of a test; so are those of a file that cannot be read or
    breaks off, which reading it reports."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    values = dict[str, set[str]]()
    for key, value in _KEY.findall(text):
        values.setdefault(key, set()).add(value)
    if not values:
        return True  # empty, or in brackets
    if _is_test(path):
        return not _OF_A_TEST.isdisjoint(values)
    versions = values.get("apiVersion", set())
    if any(version.startswith("finops") for version in versions):
        return _OF_THE_CONFIGURATION.isdisjoint(values)
    if any(version[:1].isalnum() for version in versions):
        return False
    return bool(versions) or not _OF_A_POLICY.isdisjoint(values)


def _is_test(path: Path) -> bool:
    return path.name.endswith(_TESTS)


def _yaml_files(paths: Iterable[Path | str]) -> tuple[list[Path], list[Fault]]:
    found: dict[Path, Path] = {}
    faults = []
    for path in map(Path, paths):
        if path.is_dir():
            candidates = [inner for inner in _inside(path) if is_policy_file(inner)]
        elif has_magic(str(path)):
            candidates = [Path(match) for match in sorted(glob(str(path), recursive=True))]  # noqa: PTH207 - takes absolute patterns too
            if not candidates:
                faults.append(Fault(str(path), 1, 1, "no file matches", "Check the pattern"))
        else:
            candidates = [path]
        for candidate in candidates:
            found.setdefault(candidate.resolve(), candidate)
    return list(found.values()), faults
