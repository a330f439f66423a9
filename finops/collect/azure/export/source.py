"""Source kind ``azure-cost-export``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.azure.export.blob_rows import Conversion, blob_part
from finops.collect.azure.export.container import Container, Content
from finops.collect.azure.export.datasets import Reading, choose
from finops.collect.azure.export.delivered import RowCount, half_delivered, is_gone
from finops.collect.azure.export.in_month import InMonth
from finops.collect.azure.export.manifest import Run
from finops.collect.azure.export.months import Current, current_runs, months_of
from finops.collect.azure.export.options import AzureCostExportOptions
from finops.collect.azure.native import CostDetails
from finops.collect.azure.native.view import View
from finops.collect.azure.repairs import FocusRepairs
from finops.errors import FinopsError, NotFound
from finops.model.age import age
from finops.model.wording import count_text
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.objectstore.location import Location
from finops.ports.clock import Clock
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window

_READING = 3
"""How blobs become FOCUS rows. One more whenever that changes: then every month is read again."""

_CLEARED = timedelta(days=7)
"""A run whose blobs are all gone is cleared away, not on its way, once it is this old."""


class AzureCostExport:
    """Exports of Cost Management in one container: the current run of each month is that month, whole."""

    kind: ClassVar[str] = "azure-cost-export"
    Options: ClassVar[type[BaseModel]] = AzureCostExportOptions

    def __init__(
        self,
        name: str,
        root: Location,
        *,
        clock: Clock,
        directory: str = "",
        export: str | None = None,
        limits: InputLimits = DEFAULT_LIMITS,
    ) -> None:
        """``root``: the container."""
        self.name = name
        self.usage = Usage()
        self._container = Container(root, directory, self.usage)
        self._export = export
        self._clock = clock
        self._limits = limits

    @classmethod
    def from_options(
        cls,
        name: str,
        options: AzureCostExportOptions,
        *,
        base: Path,
        clock: Clock,
        limits: InputLimits = DEFAULT_LIMITS,
    ) -> AzureCostExport:
        root = options.location(name, base)
        return cls(name, root, clock=clock, directory=options.directory, export=options.export, limits=limits)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """One offer a month, oldest first. No blob is opened.

        Raises ``NotFound`` without a manifest, ``Unreachable`` for a run that is half-delivered, ``RefusedBatch`` for a
        manifest that cannot be read or exports that hold the same costs, what the store raises.
        """
        content = self._container.look()
        current = self._current(content)
        offers: list[Offer] = []
        notes = [_partial(run) for run in current.partial]
        for month in sorted({month for month, _, _ in current.runs if month in window}):
            chosen = choose(current.runs, month, self._clock.now())
            notes += chosen.notes
            if not chosen.readings:
                continue
            runs = [reading.run for reading in chosen.readings]
            offer = self._offer(month, chosen.readings, content)
            if month not in known or known[month].digest != offer.digest:
                cleared = [run for run in runs if self._cleared_away(run, content)]
                notes += [f"{month:%Y-%m}: the blobs of {run.manifest} were deleted; it is skipped" for run in cleared]
                if cleared:
                    continue
                for fault in (half_delivered(run, content.files) for run in runs):
                    if fault is not None:
                        raise fault
            offers.append(offer)
        gone = sorted(known.keys() - {month for month, _, _ in current.runs})
        notes += [f"{period:%Y-%m}: no export run contains it any more; the collected rows are kept" for period in gone]
        return Discovery(tuple(offers), tuple(dict.fromkeys(notes)))

    def check(self) -> Sequence[Check]:
        """Whether container and manifests can be read; how old the newest run is, and whether it is whole."""
        folder = self._container.folder.uri
        try:
            content = self._container.look()
            current = self._current(content)
        except FinopsError as error:
            return [Check(folder, passed=False, detail=str(error))]
        newest = max(current.runs.values(), key=lambda run: run.submitted_at, default=None)
        if newest is None:
            return [
                Check(folder, passed=False, detail="no run contains a month from its first day; a daily export does")
            ]
        exports = ", ".join(sorted({run.export for run in current.runs.values()}))
        months = sorted({month for month, _, _ in current.runs})
        count = count_text(len(content.runs), "run")
        detail = f"{count} of {exports}, {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
        when = f"{newest.submitted_at:%Y-%m-%d %H:%M} UTC ({age(newest.submitted_at, self._clock.now())})"
        fault = half_delivered(newest, content.files)
        return [
            Check(folder, passed=True, detail=detail),
            Check(newest.manifest, passed=fault is None, detail=str(fault) if fault else f"the newest run, of {when}"),
            *self._choices(current, months),
        ]

    def _choices(self, current: Current, months: Sequence[date]) -> Iterator[Check]:
        for month in months:
            try:
                choose(current.runs, month, self._clock.now())
            except FinopsError as error:
                yield Check(f"{month:%Y-%m}", passed=False, detail=str(error))

    def _current(self, content: Content) -> Current:
        runs = [run for run in content.runs if self._export is None or run.export.lower() == self._export.lower()]
        if not runs:
            names = ", ".join(sorted({run.export for run in content.runs}))
            raise NotFound(
                f"there is no export named '{self._export}'",
                where=self._container.folder.uri,
                remedy=f"There are: {names}",
            )
        return current_runs(runs)

    def _cleared_away(self, run: Run, content: Content) -> bool:
        return is_gone(run, content.files) and self._clock.now() - run.submitted_at > _CLEARED

    def _offer(self, month: date, readings: Sequence[Reading], content: Content) -> Offer:
        return Offer(month, _digest(readings, content), tuple(self._parts(readings, content)), _manifest(readings))

    def _parts(self, readings: Sequence[Reading], content: Content) -> Iterator[Part]:
        for reading in readings:
            months = months_of(reading.run)
            month = months[0] if len(months) == 1 else None
            rows = RowCount(reading.run)
            for blob in reading.run.blobs:
                file = content.files.get(blob.name)
                etag = file.etag if file else None
                convert = partial(_conversion, view=reading.view, month=month)
                yield blob_part(self._container.root, blob, etag, rows, month, convert, self._asked, self._limits)

    def _asked(self) -> None:
        self.usage.requests += 1


def _conversion(schema: Mapping[str, pl.DataType], where: str, *, view: View | None, month: date | None) -> Conversion:
    convert = FocusRepairs(schema) if view is None else CostDetails(schema, view, where)
    return convert if month is None else InMonth(convert, month)


def _digest(readings: Sequence[Reading], content: Content) -> str:
    """Changes when a blob comes, goes, or is written again, and with the way that blobs are read."""
    marks = [f"reading {_READING}"]
    for reading in readings:
        run = reading.run
        marks.append(f"{run.scope} {run.dataset} {reading.view.name if reading.view else 'FOCUS'}")
        files = {blob.name: content.files.get(blob.name) for blob in run.blobs}
        marks += [f"{name} {file.etag if file else None}" for name, file in files.items()]
    return f"sha256:{sha256(chr(10).join(marks).encode()).hexdigest()}"


def _manifest(readings: Sequence[Reading]) -> Mapping[str, object]:
    runs = [reading.run for reading in readings]
    kept: dict[str, object] = {
        "runs": [
            {
                "export": run.export,
                "scope": run.scope,
                "dataset": f"{run.dataset} {run.version}".strip(),
                "run": run.run_id,
                "submitted": run.submitted_at.isoformat(),
                "manifest": run.manifest,
            }
            for run in runs
        ]
    }
    counts = [run.row_count for run in runs if len(months_of(run)) == 1]
    whole = all(reading.view not in {View.ACTUAL, View.AMORTISED} for reading in readings)
    if whole and len(counts) == len(runs) and None not in counts:
        kept["rows"] = sum(count or 0 for count in counts)
    return kept


def _partial(run: Run) -> str:
    return f"{run.manifest} covers only {run.first} to {run.last}; runs for part of a month are skipped"
