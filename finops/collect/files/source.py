"""Source kind ``focus-files``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from finops.collect.files.form import scan
from finops.collect.files.found import Found, FoundFile, check_unchanged, find_files
from finops.collect.files.index import Periods, digest, known_files, manifest
from finops.collect.files.periods import billing_periods
from finops.errors import FinopsError
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window


class FocusFilesOptions(BaseModel):
    """Bills in FOCUS 1.0 to 1.4, of any provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | list[str] = Field(
        description="Files, globs or folders (read with all below); CSV, CSV.gz or Parquet; local, s3:// or abfss://",
        examples=["./bills/*.csv", "s3://billing/focus/"],
    )
    endpoint: str | None = Field(default=None, description="URL of a compatible object store")


class FocusFiles:
    """Files that hold whole bills: the files of one billing period together are that period."""

    kind: ClassVar[str] = "focus-files"
    Options: ClassVar[type[BaseModel]] = FocusFilesOptions

    def __init__(self, name: str, paths: Sequence[str], *, base: Path, endpoint: str | None = None) -> None:
        """Relative ``paths`` count from ``base``."""
        self.name = name
        self.usage = Usage()
        self._paths = tuple(paths)
        self._base = base.absolute()
        self._endpoint = endpoint

    @classmethod
    def from_options(cls, name: str, options: FocusFilesOptions, *, base: Path) -> FocusFiles:
        paths = [options.path] if isinstance(options.path, str) else options.path
        return cls(name, paths, base=base, endpoint=options.endpoint)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:  # noqa: ARG002 - one file may hold any period
        """One offer a billing period, oldest first. Files that ``known`` has seen are not opened.

        Raises ``NotFound`` for a path without a bill, ``RefusedBatch`` for a file that cannot be one, what a store
        raises.
        """
        found = self._find()
        seen = known_files(known)
        periods = {file.stored.uri: self._periods(file, seen) for file in found.files}
        offers = [
            self._offer(period, [(file, periods[file.stored.uri]) for file in found.files])
            for period in sorted({period for days in periods.values() for period in days})
        ]
        notes = [found.note()] if found.left_out else []
        gone = sorted(known.keys() - {offer.billing_period for offer in offers})
        notes += [f"{period:%Y-%m}: no file holds it any more, its rows stay as they are" for period in gone]
        return Discovery(tuple(offers), tuple(notes))

    def check(self) -> Sequence[Check]:
        """Whether the files can be listed, and the newest of them read."""
        try:
            found = self._find()
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error)) for subject in [", ".join(self._paths)]]
        newest = max(found.files, key=lambda file: file.stored.modified_at)
        size = sum(file.size_bytes for file in found.files)
        detail = (
            f"{len(found.files)} files, {size:,} bytes, the newest of {newest.stored.modified_at:%Y-%m-%d %H:%M} UTC"
        )
        checks = [Check(", ".join(self._paths), passed=True, detail=detail)]
        if found.left_out:
            checks.append(Check("other files", passed=True, detail=found.note()))
        try:
            days = billing_periods(_part(newest))
        except FinopsError as error:
            return [*checks, Check(newest.name, passed=False, detail=str(error))]
        held = ", ".join(f"{day:%Y-%m}" for day in days) or "no rows"
        return [*checks, Check(newest.name, passed=True, detail=f"holds {held}")]

    def _find(self) -> Found:
        self.usage.requests += sum("://" in path for path in self._paths)
        return find_files(self._paths, base=self._base, endpoint=self._endpoint)

    def _periods(self, file: FoundFile, seen: Mapping[tuple[str, str], Periods]) -> Periods:
        before = seen.get((file.stored.uri, file.fingerprint))
        return before if before is not None else billing_periods(_part(file))

    def _offer(self, period: date, files: Sequence[tuple[FoundFile, Periods]]) -> Offer:
        own = [(file, days) for file, days in files if period in days]
        return Offer(
            billing_period=period,
            digest=digest([file for file, _ in own]),
            parts=tuple(_part(file) for file, _ in own),
            manifest=manifest(own),
        )


def _part(file: FoundFile) -> Part:
    def open_rows() -> pl.LazyFrame:
        check_unchanged(file)
        return scan(file.location, file.form)

    return Part(file.name, open_rows)
