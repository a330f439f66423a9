"""A Delta table's commits as they stand in its log: who wrote, and which files came and went.

Commits are immutable, so each is read once. Ours carry their own facts (a *mark*) under ``finops``; other writers'
(an OPTIMIZE from Spark) have an empty mark. Log format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from obstore.exceptions import NotFoundError
from obstore.store import ObjectStore

from finops.objectstore.location import Location

MARK = "finops"
Mark = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a commit added or removed. ``partition`` is empty where the writer did not repeat it."""

    path: str
    partition: Mapping[str, str | None]
    rows_changed: bool


@dataclass(frozen=True, slots=True)
class Commit:
    version: int
    at: datetime
    mark: Mark
    added: tuple[FileChange, ...]
    removed: tuple[FileChange, ...]


class CommitLog:
    """The commits of the table at ``location``."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._store: ObjectStore | None = None
        self.mark = lru_cache(maxsize=4096)(self._mark)

    def read(self, version: int) -> Commit:
        """One commit. Raises obstore's ``NotFoundError`` when the log no longer has it."""
        info: dict[str, Any] = {}
        files: dict[str, list[FileChange]] = {"add": [], "remove": []}
        for line in self._lines(version):
            action = json.loads(line)
            info = action.get("commitInfo", info)
            for kind, found in files.items():
                if kind in action:
                    file = action[kind]
                    partition = file.get("partitionValues") or {}
                    found.append(FileChange(unquote(file["path"]), partition, bool(file.get("dataChange", True))))
        mark = info.get(MARK, {})
        return Commit(version, _moment(info, mark), mark, tuple(files["add"]), tuple(files["remove"]))

    def read_all(self, versions: Iterable[int]) -> list[Commit | None]:
        """Many commits in their order, read side by side; None where the log no longer has one."""
        with ThreadPoolExecutor(16, thread_name_prefix="commit-log") as pool:
            return list(pool.map(self._read_or_none, versions))

    def newest_mark(self, version: int, key: str) -> tuple[int, Mark] | None:
        """The newest commit at or before ``version`` whose mark has ``key``: other writers' commits are passed over."""
        for candidate in range(version, -1, -1):
            mark = self.mark(candidate)
            if key in mark:
                return candidate, mark
        return None

    def _read_or_none(self, version: int) -> Commit | None:
        try:
            return self.read(version)
        except (NotFoundError, FileNotFoundError):
            return None

    def _mark(self, version: int) -> Mark:
        for line in self._lines(version):
            if line.startswith('{"commitInfo"'):
                info = json.loads(line)["commitInfo"]
                mark: Mark = info.get(MARK, {})
                return {**mark, "at": _moment(info, mark)} if mark else {}
        return {}

    def _lines(self, version: int) -> list[str]:
        if self._store is None or not self._location.is_local:  # tokens expire: a store is for one reading
            self._store = self._location.store()
        body = self._store.get(f"_delta_log/{version:020}.json").bytes()
        return bytes(body).decode().splitlines()


def _moment(info: Mapping[str, Any], mark: Mark) -> datetime:
    """Our own clock's time where we wrote, the writer's elsewhere."""
    if "written_at" in mark:
        return datetime.fromisoformat(mark["written_at"])
    return datetime.fromtimestamp(info.get("timestamp", 0) / 1000, tz=UTC)
