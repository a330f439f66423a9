"""The files that a configured path means now, each with a fingerprint of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from finops.collect.formats.form import Form, form_of
from finops.errors import FinopsError, NotFound, RefusedBatch, Unreachable
from finops.model.wording import count_text
from finops.objectstore.listing import StoredFile, list_files, split_glob
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``name``: as people know it. ``fingerprint`` changes when the content does; a store's mark may change without."""

    name: str
    location: Location
    form: Form
    size_bytes: int
    stored: StoredFile
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Found:
    """``left_out``: names of files that are not CSV, JSON lines or Parquet."""

    files: tuple[FoundFile, ...]
    left_out: tuple[str, ...]

    def note(self) -> str:
        named = ", ".join(self.left_out[:_MOST_NAMED]) + (", …" if len(self.left_out) > _MOST_NAMED else "")
        count = len(self.left_out)
        return f"{count_text(count, 'file')} skipped; the name ends in none of the known extensions: {named}"


def find_files(paths: Sequence[str], *, base: Path, endpoint: str | None) -> Found:
    """Raises ``NotFound`` when a path has no bill at all; what listing and reading raise."""
    files: dict[str, FoundFile] = {}
    left_out: list[str] = []
    for path in paths:
        root, pattern = split_glob(path)
        location = Location.parse(root, base=base, endpoint=endpoint)
        bills = 0
        for stored in list_files(location, pattern):
            if any(part.startswith((".", "_")) for part in stored.relative.split("/")):
                continue  # what tools put beside data: _SUCCESS, _delta_log, .crc
            form = form_of(stored.uri)
            if form is None:
                left_out.append(shown(stored.uri, base))
                continue
            bills += 1
            if stored.uri not in files:
                files[stored.uri] = _found(stored, location.at(stored.uri), form, base)
        if not bills:
            raise NotFound(
                "no bill file was found",
                where=path,
                remedy="Check the path; bills end in .csv, .jsonl, .ndjson (all three also with .gz) or .parquet",
            )
    return Found(tuple(files[uri] for uri in sorted(files)), tuple(sorted(left_out)))


def shown(uri: str, base: Path) -> str:
    """A uri as messages show it: local files below the configuration's folder without that folder."""
    if "://" in uri:
        return uri
    path = Path(uri)
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else uri


def _found(stored: StoredFile, location: Location, form: Form, base: Path) -> FoundFile:
    name = shown(stored.uri, base)
    if stored.size_bytes == 0:
        raise RefusedBatch("the file is empty", where=name, remedy="Export the bill again")
    mark = stored.etag
    fingerprint = _content_digest(location.path, name) if mark is None else f"etag:{mark}:{stored.size_bytes}"
    return FoundFile(name, location, form, stored.size_bytes, stored, fingerprint)


def _content_digest(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise unreadable(error, name) from error


def check_unchanged(file: FoundFile) -> None:
    """Raises ``NotFound`` or ``Unreachable`` where a local file is not the one that was found any more."""
    if not file.location.is_local:
        return
    try:
        now = list_files(file.location)[0]
    except FinopsError as error:
        raise NotFound("the file was deleted during the collection", where=file.name, remedy="Collect again") from error
    if (now.size_bytes, now.modified_at) != (file.stored.size_bytes, file.stored.modified_at):
        raise Unreachable("the file changed during the collection", where=file.name, remedy="Collect again")
