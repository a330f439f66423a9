"""Files that a command writes for people: nobody's work is overwritten unasked, and it is all of them or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from finops.errors import BadArguments

NAMED_FILES = 5
"""More files than this are counted, not listed."""


def write_files(folder: Path, files: Mapping[str, bytes], *, replace: bool) -> Sequence[Path]:
    """Writes files (relative path -> content) below ``folder``; returns those written or changed, sorted.

    A file that is there with other content is somebody's work: without ``replace`` nothing at all is written.
    Raises ``BadArguments``.
    """
    changed = {name: content for name, content in files.items() if _differs(folder / name, content)}
    if not replace:
        refuse_to_overwrite(folder, (name for name in changed if (folder / name).exists()))
    ready: dict[Path, Path] = {}
    try:
        for name, content in changed.items():
            ready[folder / name] = _beside(folder / name, content)
        for path, written in ready.items():
            written.replace(path)
    except OSError as error:
        raise BadArguments(
            f"the files cannot be written ({error.strerror})", where=str(folder), remedy="Choose another directory"
        ) from error
    finally:
        for written in ready.values():
            written.unlink(missing_ok=True)
    return sorted(ready)


def refuse_to_overwrite(folder: Path, names: Iterable[str]) -> None:
    """Raises ``BadArguments`` that names the files, when there are any."""
    theirs = sorted(names)
    if theirs:
        more = f" and {len(theirs) - NAMED_FILES} more" if theirs[NAMED_FILES:] else ""
        raise BadArguments(
            f"these files already exist: {', '.join(theirs[:NAMED_FILES])}{more}",
            where=str(folder.resolve()),
            remedy="Choose another directory, or overwrite them with --replace",
        )


def _beside(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(None, "a directory of this name exists")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    return Path(name)


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except OSError:  # it is not there, or it is a folder: writing will say so
        return True
