"""Which files stand under a path, a glob or a folder, on disk or in a store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, NotFoundError

from finops.errors import NotFound
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable

if TYPE_CHECKING:
    from obstore import ObjectMeta

_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, order=True)
class StoredFile:
    """``location``'s uri is absolute. ``etag``: the store's own mark of the content; None on local disks.

    ``relative``: the path below the folder that was listed. ``modified_at`` is UTC.
    """

    uri: str
    relative: str
    size_bytes: int
    etag: str | None
    modified_at: datetime


def split_glob(path: str) -> tuple[str, str]:
    """A path as a user writes it -> its part without wildcards, and the pattern behind it ("" without wildcards).

    >>> split_glob("s3://bucket/bills/2026-*/*.csv")
    ('s3://bucket/bills', '2026-*/*.csv')
    """
    parts = path.split("/")
    for index, part in enumerate(parts):
        if _MAGIC.search(part):
            return "/".join(parts[:index]) or ("/" if path.startswith("/") else "."), "/".join(parts[index:])
    return path, ""


def list_files(location: Location, pattern: str = "") -> list[StoredFile]:
    """Files under ``location``, sorted by uri.

    With a ``pattern`` (``*``, ``?``, ``[…]``, ``**``) those that match it, else the file itself or every file below the
    folder. Raises ``NotFound`` when there is no such folder or
    file, ``AccessDenied``, ``Unreachable``.
    """
    try:
        found = _local(location, pattern) if location.is_local else _remote(location, pattern)
        return sorted(found)
    except (BaseError, OSError) as error:
        raise unreadable(error, location.uri) from error


def _local(location: Location, pattern: str) -> Iterator[StoredFile]:
    root = Path(location.uri)
    if root.is_file() and not pattern:
        yield _local_file(root, root.parent)
        return
    if not root.is_dir():
        raise NotFound("no such file or directory", where=location.uri, remedy="Check the path")
    for path in root.glob(pattern) if pattern else root.rglob("*"):
        if path.is_file():
            yield _local_file(path, root)


def _local_file(path: Path, root: Path) -> StoredFile:
    stat = path.stat()
    modified = datetime.fromtimestamp(stat.st_mtime, UTC)
    return StoredFile(str(path), path.relative_to(root).as_posix(), stat.st_size, None, modified)


def _remote(location: Location, pattern: str) -> Iterator[StoredFile]:
    store = location.store()
    matches = re.compile(_regex(pattern)) if pattern else None
    empty = True
    for batch in obstore.list(store, chunk_size=1000):
        for item in batch:
            empty = False
            if matches is None or matches.fullmatch(item["path"]):
                yield _stored(f"{location.uri.rstrip('/')}/{item['path']}", item["path"], item)
    if empty:
        yield _single(location)


def _single(location: Location) -> StoredFile:
    """The one file that ``location`` names itself."""
    name = PurePosixPath(location.key).name
    if not name:
        raise NotFound("no files were found", where=location.uri, remedy="Check bucket or container, and prefix")
    parent = location.at(location.uri.removesuffix(f"/{name}"))
    try:
        return _stored(location.uri, name, obstore.head(parent.store(), name))
    except (NotFoundError, FileNotFoundError) as error:
        what = "no such file or directory"
        raise NotFound(what, where=location.uri, remedy="Check bucket or container, and prefix") from error


def _stored(uri: str, relative: str, item: ObjectMeta) -> StoredFile:
    etag = item["e_tag"] or item["last_modified"].isoformat()
    return StoredFile(uri, relative, item["size"], etag, item["last_modified"].astimezone(UTC))


def _regex(pattern: str) -> str:
    """A glob as a regular expression: ``*`` stays inside a folder, ``**/`` crosses any number of them."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return "".join(
        pieces.get(token) or (token.replace("[!", "[^") if token.startswith("[") else re.escape(token))
        for token in tokens
    )
