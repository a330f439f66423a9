"""Manifests of the carbon export: a folder a model version, in it a folder a month.

``metadata/model_version=v3.0.0/USAGE_PERIOD=YYYY-MM/<export>-Manifest.json``: when AWS improves its method, months are
computed again in the folder of the new version, and the old ones stay
(https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-carbon-emissions.html). So of each month the highest
version counts; adding two would count the month twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from finops.collect.aws.bucket import StoredObject
from finops.collect.aws.manifest import Manifest

_MONTH = re.compile(r"usage_period=(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.IGNORECASE)
_VERSION = re.compile(r"model_version=v?(?P<numbers>\d+(?:\.\d+)*).*", re.IGNORECASE)

_Rank = tuple[tuple[int, ...], int, datetime]


def carbon_manifests(objects: Iterable[StoredObject], folder: str, export: str) -> list[Manifest]:
    """The manifest of each month under its highest model version, oldest month first.

    Of several in one partition (create-new delivery) the one nearest to the top counts, then the newest.
    """
    wanted = f"{export}-manifest.json".casefold()
    found: dict[date, tuple[_Rank, Manifest]] = {}
    for stored in objects:
        *partitions, name = stored.key.removeprefix(folder).split("/")
        months = [match for part in partitions if (match := _MONTH.fullmatch(part))]
        if name.casefold() != wanted or not months:
            continue
        manifest = Manifest(date(int(months[0]["year"]), int(months[0]["month"]), 1), stored)
        candidate = ((_version(partitions), -len(partitions), stored.modified_at), manifest)
        found[manifest.period] = max(found.get(manifest.period, candidate), candidate, key=lambda one: one[0])
    return [found[period][1] for period in sorted(found)]


def _version(partitions: Iterable[str]) -> tuple[int, ...]:
    for part in partitions:
        if match := _VERSION.fullmatch(part):
            return tuple(int(number) for number in match["numbers"].split("."))
    return ()
