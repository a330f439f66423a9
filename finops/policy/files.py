"""Files, directories and globs -> the policy files among them, and their tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

from finops.documents import Fault

_SUFFIXES = (".yaml", ".yml")
_TESTS = (".test.yaml", ".test.yml")


def policy_files(paths: Iterable[Path | str]) -> tuple[list[Path], list[Fault]]:
    """Every policy file once, sorted within each path; tests (``*.test.yaml``) are left out.

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


def _is_test(path: Path) -> bool:
    return path.name.endswith(_TESTS)


def _yaml_files(paths: Iterable[Path | str]) -> tuple[list[Path], list[Fault]]:
    found: dict[Path, Path] = {}
    faults = []
    for path in map(Path, paths):
        if path.is_dir():
            candidates = sorted(inner for inner in path.rglob("*") if inner.suffix in _SUFFIXES)
        elif has_magic(str(path)):
            candidates = [Path(match) for match in sorted(glob(str(path), recursive=True))]  # noqa: PTH207 - takes absolute patterns too
            if not candidates:
                faults.append(Fault(str(path), 1, 1, "no file matches", "Check the pattern"))
        else:
            candidates = [path]
        for candidate in candidates:
            found.setdefault(candidate.resolve(), candidate)
    return list(found.values()), faults
