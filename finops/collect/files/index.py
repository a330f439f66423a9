"""What is known of files from earlier collections: they are read again only when their content changed.

It stands in the manifests of the billing periods: each names the files that hold rows of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256

from finops.collect.files.found import FoundFile
from finops.ports.lake import Known

Periods = Mapping[date, int]
"""Billing period -> its rows in one file."""


def known_files(known: Mapping[date, Known]) -> dict[tuple[str, str], Periods]:
    """(uri, fingerprint) -> the billing periods of that file."""
    found: dict[tuple[str, str], Periods] = {}
    for period in known.values():
        files = period.manifest.get("files")
        for uri, entry in files.items() if isinstance(files, Mapping) else ():
            if isinstance(entry["periods"], Mapping):
                days = {date.fromisoformat(day): int(rows) for day, rows in entry["periods"].items()}
                found[uri, str(entry["fingerprint"])] = days
    return found


def notes_of(manifest: Mapping[str, object]) -> tuple[str, ...]:
    """What was said of the files of a billing period when they were read."""
    notes = manifest.get("notes")
    return tuple(map(str, notes)) if isinstance(notes, list) else ()


def manifest(files: Sequence[tuple[FoundFile, Periods]], notes: Sequence[str]) -> Mapping[str, object]:
    """Of one billing period: its files with fingerprint and all the periods that they hold, and notes on them."""
    return {
        "files": {
            file.stored.uri: {
                "fingerprint": file.fingerprint,
                "periods": {day.isoformat(): rows for day, rows in periods.items()},
                "size_bytes": file.size_bytes,
            }
            for file, periods in files
        },
        "notes": list(notes),
    }


def digest(files: Sequence[FoundFile]) -> str:
    """Of one billing period: changes when a file of it comes, goes or changes; names and order do not matter."""
    marks = "\n".join(sorted(file.fingerprint for file in files))
    return f"sha256:{sha256(marks.encode()).hexdigest()}"
