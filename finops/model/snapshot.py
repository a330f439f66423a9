"""What one evaluation made public: stored, so that a restart serves at once, and swapped whole."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from finops.errors import BrokenStore
from finops.model.data_version import DataVersion
from finops.model.evaluation import Track
from finops.model.family import Family, FamilyType
from finops.model.finding import Finding
from finops.model.month_costs import MonthCosts
from finops.model.period import Period
from finops.model.policy import WrittenPolicy
from finops.model.radar import Radar

FORMAT = 7
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
    ``month``: without its ``forecasts`` once it was stored; the families have them. ``radar``: the last one, up to a
    day older.
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
    month: MonthCosts | None = None
    radar: Radar | None = None

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
                "month": self.month.to_json() if self.month is not None else None,
                "radar": self.radar.to_json() if self.radar is not None else None,
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
        yield from (finding.text.encode() + b"\n" for finding in self.findings)
        shared: dict[int, str] = {}  # by identity: all groups of a policy are due the same
        yield from (_line(_track_to_json(track, shared)) for track in self.tracks)
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
            tracks=tuple(_track_from_json(item) for item in part("tracks")),
            policies=tuple(WrittenPolicy(**item) for item in part("policies")),
            folded=head["folded"],
            month=MonthCosts.from_json(head["month"]) if head.get("month") else None,
            radar=Radar.from_json(head["radar"]) if head.get("radar") else None,
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


def _track_to_json(track: Track, shared: dict[int, str]) -> dict[str, Any]:
    """Its amounts as one text a line: a year of ten thousand groups is millions of them. ``shared``: texts of lines
    that several tracks have, by the line's identity."""
    due = shared.get(id(track.due))
    if due is None:
        due = shared[id(track.due)] = _joined(track.due)
    return {
        "policy": track.policy,
        "group": track.group,
        "period": [track.period.start.isoformat(), track.period.end.isoformat()],
        "currency": track.currency,
        "days": _spans(tuple(track.days)),
        "spent": _joined(track.spent),
        "due": due,
        "settled_through": track.settled_through.isoformat() if track.settled_through else None,
        "lines": {name: _joined(line) for name, line in track.lines.items()},
    }


def _track_from_json(data: Mapping[str, Any]) -> Track:
    start, end = data["period"]
    settled = data["settled_through"]
    return Track(
        policy=data["policy"],
        group=data["group"],
        period=Period(date.fromisoformat(start), date.fromisoformat(end)),
        currency=data["currency"],
        days=_days(tuple(data["days"])),
        spent=tuple(Decimal(amount) for amount in data["spent"].split()),
        due=tuple(Decimal(amount) for amount in data["due"].split()),
        settled_through=date.fromisoformat(settled) if settled else None,
        lines={
            name: tuple(None if amount == "None" else Decimal(amount) for amount in line.split())
            for name, line in data["lines"].items()
        },
    )


def _joined(amounts: Sequence[Decimal | None]) -> str:
    return " ".join(map(str, amounts))


@lru_cache(maxsize=256)  # of every group the same few
def _spans(days: tuple[date, ...]) -> list[str]:
    """Days in a row as ``2026-03-01/31``: the first, and how many."""
    found: list[tuple[date, int]] = []
    for day in days:
        if found and day - found[-1][0] == timedelta(days=found[-1][1]):
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((day, 1))
    return [f"{first}/{count}" for first, count in found]


@lru_cache(maxsize=256)
def _days(spans: tuple[str, ...]) -> tuple[date, ...]:
    pairs = (span.split("/") for span in spans)
    return tuple(date.fromisoformat(first) + timedelta(days=nth) for first, count in pairs for nth in range(int(count)))


def _unreadable(why: str) -> BrokenStore:
    return BrokenStore(
        f"the stored snapshot cannot be read: {why}",
        where="state, snapshot",
        remedy="No action needed: it is ignored and replaced by the next evaluation",
    )
