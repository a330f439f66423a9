"""Which versions belonged together at a moment of the past."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.lake.tables.commit_log import Commit
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.retention import oldest_kept
from finops.lake.tables.table import Table
from finops.lake.write.rollup import Rollup
from finops.model.data_version import DataVersion


def versions_at(rollup: Rollup, series: Sequence[Table], moments: Sequence[datetime]) -> Sequence[DataVersion | None]:
    """See ``finops.ports.lake.Lake.known_at``; ``series``: the tables beside the costs. Logs are read once."""
    dailies = _History.of(rollup.daily)
    beside = {table.name: _History.of(table) for table in series}
    oldest_costs, oldest_scopes = (
        oldest_kept(table) if table.open() is not None else 0 for table in (rollup.costs, rollup.scopes)
    )
    found: list[DataVersion | None] = []
    for moment in moments:
        daily = dailies.newest(moment, marked="costs_version")
        lost = [one for one in beside.values() if one.lost(moment)]
        if daily is None or daily.version < dailies.oldest or lost:
            found.append(None)
            continue
        mark = daily.mark
        same_days = mark["dimensions"] == rollup.dimensions.digest and mark["timezone"] == rollup.timezone.key
        if not same_days or mark["costs_version"] < oldest_costs or mark["scopes_version"] < oldest_scopes:
            found.append(None)
            continue
        others = {name: commit.version for name, one in beside.items() if (commit := one.newest(moment)) is not None}
        found.append(DataVersion(mark["costs_version"], mark["scopes_version"], daily.version, **others))
    return found


@dataclass(frozen=True, slots=True)
class _History:
    """The commits of one table in order. ``oldest``: the oldest version that can be read."""

    commits: tuple[Commit, ...]
    oldest: int

    @classmethod
    def of(cls, table: Table) -> _History:
        read = table.open()
        if read is None:
            return cls((), 0)
        with lake_failures(table.location.uri):
            commits = table.log.read_all(range(read.version() + 1))
            return cls(tuple(commit for commit in commits if commit is not None), oldest_kept(table))

    def newest(self, moment: datetime, *, marked: str = "") -> Commit | None:
        """The newest commit at or before ``moment``; with ``marked`` the newest whose mark has that key."""
        before = self.commits[: bisect_right(self.commits, moment, key=lambda commit: commit.at)]
        return next((commit for commit in reversed(before) if not marked or marked in commit.mark), None)

    def lost(self, moment: datetime) -> bool:
        """Whether there was a version at ``moment`` that can no longer be read."""
        newest = self.newest(moment)
        return newest is not None and newest.version < self.oldest
