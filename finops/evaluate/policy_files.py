"""Files, directories and globs -> the policy files among them."""

from __future__ import annotations

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
            if not candidate.name.endswith(_TESTS):
                found.setdefault(candidate.resolve(), candidate)
    return list(found.values()), faults
