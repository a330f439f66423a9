"""What one evaluation made public: stored, so that a restart serves at once, and swapped whole."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
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

FORMAT = 6
"""Goes up when the stored form changes; an older one is not read, the next evaluation writes a new one."""

_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 3
"""A sixth larger than level 6, in a third of its time."""

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
        """The stored form: gzipped lines of JSON, the same bytes for the same snapshot.

        The first line is the head, and says how many lines of each part follow. A hundred thousand groups are hundreds
        of megabytes as one text; so they never are one.
        """
        packed = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        pieces = [packed.compress(line) for line in self._lines()]
        return b"".join((*pieces, packed.flush()))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Snapshot:
        """The inverse of ``to_bytes``. Raises ``BrokenStore`` for anything else."""
        try:
            with gzip.open(io.BytesIO(stored), "rb") as lines:
                head = json.loads(next(lines, b""))
                found = head["format"]
                if found != FORMAT:
                    raise _unreadable(f"it has format {found}, this program writes {FORMAT}")
                return cls._from_lines(head, lines)
        except _BROKEN as error:
            raise _unreadable(f"{type(error).__name__} while reading it") from error

    def _lines(self) -> Iterator[bytes]:
        yield _line(
            {
                "format": FORMAT,
                "as_of": self.as_of.isoformat(),
                "evaluated_seconds": self.evaluated_seconds,
                "data_version": self.data_version.to_json(),
                "timezone": self.timezone,
                "folded": dict(self.folded),
                "lines": {
                    "families": len(self.families),
                    "findings": len(self.findings),
                    "tracks": len(self.tracks),
                    "policies": len(self.policies),
                },
                "sources": {place: list(names) for place, names in self.sources.items()},
            }
        )
        yield from (_line(_family_to_json(family)) for family in self.families)
        yield from (_line(finding.to_json()) for finding in self.findings)
        yield from (_line(track.to_json()) for track in self.tracks)
        yield from (_line(asdict(policy)) for policy in self.policies)

    @classmethod
    def _from_lines(cls, head: Mapping[str, Any], lines: Iterable[bytes]) -> Snapshot:
        rest = iter(lines)

        def part(name: str) -> Iterator[Any]:
            for _ in range(head["lines"][name]):
                yield json.loads(next(rest, b""))

        made = cls(
            as_of=datetime.fromisoformat(head["as_of"]),
            evaluated_seconds=head["evaluated_seconds"],
            data_version=DataVersion.from_json(head["data_version"]),
            timezone=head["timezone"],
            families=tuple(_family_from_json(item) for item in part("families")),
            findings=tuple(Finding.from_json(item) for item in part("findings")),
            tracks=tuple(Track.from_json(item) for item in part("tracks")),
            policies=tuple(WrittenPolicy(**item) for item in part("policies")),
            folded=head["folded"],
            sources={place: tuple(names) for place, names in head["sources"].items()},
        )
        if next(rest, b""):  # at the end gzip compares its checksum, too
            raise _unreadable("it has more lines than its header states")
        return made


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


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
        remedy="No action needed: it is ignored and replaced by the next evaluation",
    )
