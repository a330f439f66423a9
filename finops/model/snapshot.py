"""What one evaluation made public: stored, so that a restart serves at once, and swapped whole."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from finops.errors import BrokenStore
from finops.model.data_version import DataVersion
from finops.model.evaluation import Track
from finops.model.family import Family, FamilyType
from finops.model.finding import Finding
from finops.model.policy import WrittenPolicy

FORMAT = 4
"""Goes up when the stored form changes; an older one is not read, the next evaluation writes a new one."""

_BROKEN = (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What torn, foreign or altered bytes make gzip, json and the constructors of the values raise."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Findings, the days behind them, and every metric family that an evaluation decides.

    ``folded``: family -> how many series went into ``__other__``. ``timezone``: IANA name, whose days are counted.
    ``sources``: names by a finding's ``anchor``. ``policies``: those that were evaluated, with and without findings.
    """

    as_of: datetime
    evaluated_seconds: float
    data_version: DataVersion
    timezone: str
    findings: tuple[Finding, ...]
    tracks: tuple[Track, ...]
    families: tuple[Family, ...]
    folded: Mapping[str, int]
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    policies: tuple[WrittenPolicy, ...] = ()

    def to_bytes(self) -> bytes:
        """The stored form: gzipped JSON, the same bytes for the same snapshot."""
        text = json.dumps(self._to_json(), sort_keys=True, separators=(",", ":"))
        return gzip.compress(text.encode(), compresslevel=6, mtime=0)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Snapshot:
        """The inverse of ``to_bytes``. Raises ``BrokenStore`` for anything else."""
        try:
            data = json.loads(gzip.decompress(stored))
            found = data["format"]
            if found != FORMAT:
                raise _unreadable(f"it has format {found}, this program writes {FORMAT}")
            return cls._from_json(data)
        except _BROKEN as error:
            raise _unreadable(f"{type(error).__name__} while reading it") from error

    def _to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "as_of": self.as_of.isoformat(),
            "evaluated_seconds": self.evaluated_seconds,
            "data_version": self.data_version.to_json(),
            "timezone": self.timezone,
            "findings": [finding.to_json() for finding in self.findings],
            "tracks": [track.to_json() for track in self.tracks],
            "families": [_family_to_json(family) for family in self.families],
            "folded": dict(self.folded),
            "sources": {place: list(names) for place, names in self.sources.items()},
            "policies": [asdict(policy) for policy in self.policies],
        }

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Snapshot:
        return cls(
            as_of=datetime.fromisoformat(data["as_of"]),
            evaluated_seconds=data["evaluated_seconds"],
            data_version=DataVersion.from_json(data["data_version"]),
            timezone=data["timezone"],
            findings=tuple(Finding.from_json(item) for item in data["findings"]),
            tracks=tuple(Track.from_json(item) for item in data["tracks"]),
            families=tuple(_family_from_json(item) for item in data["families"]),
            folded=data["folded"],
            sources={place: tuple(names) for place, names in data["sources"].items()},
            policies=tuple(WrittenPolicy(**policy) for policy in data["policies"]),
        )


def _family_to_json(family: Family) -> dict[str, Any]:
    """Its series as columns: what a hundred thousand have in common is told once."""
    return {
        "name": family.name,
        "type": family.type.value,
        "help": family.help,
        "labels": list(family.labels),
        "columns": [column.to_list() for column in family.columns],
        "values": family.values.to_list(),
    }


def _family_from_json(data: Mapping[str, Any]) -> Family:
    return Family(
        data["name"],
        FamilyType(data["type"]),
        data["help"],
        tuple(data["labels"]),
        tuple(pl.Series(column, dtype=pl.String) for column in data["columns"]),
        pl.Series(data["values"], dtype=pl.Float64),
    )


def _unreadable(why: str) -> BrokenStore:
    return BrokenStore(
        f"the stored snapshot cannot be read: {why}",
        where="state, snapshot",
        remedy="Nothing to do: it is ignored, and the next evaluation writes a new one",
    )
