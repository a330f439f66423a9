"""Manifests of AWS Data Exports: which files are a billing period now.

An export keeps ``<prefix>/<export>/metadata/BILLING_PERIOD=YYYY-MM/<export>-Manifest.json``, written last, and only the
files that it names count: both ways of delivery leave older files beside them
(https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html). Some accounts write the partition
in lower case, and ``dataFiles`` as strings (URIs or keys) or as objects (``s3Uri``, ``key``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

from finops.collect.aws.bucket import StoredObject
from finops.errors import RefusedBatch

_PARTITION = re.compile(r"billing_period=(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.IGNORECASE)
_AGAIN = "Wait for the next delivery, or have AWS refresh the export"


@dataclass(frozen=True, slots=True)
class Manifest:
    """``period``: the first day of the billing period. ``stored``: the manifest's own object."""

    period: date
    stored: StoredObject

    @property
    def mark(self) -> str:
        """Changes when the manifest is written, be its text the same: overwritten files keep their names."""
        return f"{self.stored.etag}@{self.stored.modified_at.isoformat()}"


def current_manifests(objects: Iterable[StoredObject], folder: str, export: str) -> list[Manifest]:
    """The one manifest of each billing period, oldest period first.

    ``folder``: the export's metadata folder. Create-new delivery keeps a manifest of each execution in a folder below
    the partition; the partition's own is the current one, and where it is missing the newest execution's.
    """
    wanted = f"{export}-manifest.json".casefold()
    found: dict[date, tuple[bool, Manifest]] = {}
    for stored in objects:
        parts = stored.key.removeprefix(folder).split("/")
        partition = _PARTITION.fullmatch(parts[0])
        if partition is None or parts[-1].casefold() != wanted:
            continue
        manifest = Manifest(date(int(partition["year"]), int(partition["month"]), 1), stored)
        candidate = (len(parts) == 2, manifest)
        kept = found.setdefault(manifest.period, candidate)
        # of the same rank the newer: one casing of the partition was left behind by the other
        if (candidate[0], stored.modified_at) > (kept[0], kept[1].stored.modified_at):
            found[manifest.period] = candidate
    return [found[period][1] for period in sorted(found)]


def data_files(content: bytes, *, where: str) -> tuple[str, ...]:
    """The keys of the data files that a manifest names, in its order.

    Raises ``RefusedBatch`` for a manifest that is cut off or names no files in a form that is known.
    """
    try:
        document = json.loads(content)
        listed = document["dataFiles"]
        if not isinstance(listed, list):
            raise TypeError
        return tuple(dict.fromkeys(_key(entry) for entry in listed))
    except (ValueError, LookupError, TypeError) as error:
        raise RefusedBatch("the manifest cannot be read", where=where, remedy=_AGAIN) from error


def _key(entry: object) -> str:
    if isinstance(entry, dict):
        entry = entry.get("s3Uri") or entry.get("key")
    if not isinstance(entry, str) or not entry:
        raise TypeError
    if not entry.startswith("s3://"):
        return entry.lstrip("/")
    return unquote(urlsplit(entry).path.lstrip("/"))
