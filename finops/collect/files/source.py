"""Source kind ``focus-files``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from finops.collect.files.copies import without_copies
from finops.collect.files.found import Found, find_files
from finops.collect.files.index import Periods, digest, known_files, manifest, notes_of
from finops.collect.files.opened import BillFile
from finops.collect.files.overlaps import overlap_notes
from finops.collect.files.periods import billing_periods
from finops.collect.formats.recognise import DATASETS, NOT_CHARGES
from finops.errors import FinopsError
from finops.model.wording import count_text
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.ports.lake import Known
from finops.ports.records import Dataset
from finops.ports.source import EVERYTHING, Check, DatasetOffer, Discovery, Offer, Usage, Window


class FocusFilesOptions(BaseModel):
    """Bills in FOCUS 1.0 to 1.4, of any provider; with them Contract Commitment, Billing Period and Invoice Detail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | list[str] = Field(
        description="Files, globs or folders (read with all below); CSV, JSON lines (both also .gz) or Parquet; "
        "local, s3://, gs:// or abfss://",
        examples=["./bills/*.csv", "s3://billing/focus/"],
    )
    endpoint: str | None = Field(default=None, description="URL of a compatible object store")
    overlaps: Literal["report", "additive"] = Field(
        default="report",
        description="Files of one billing period with the same charges: report what may be counted twice, or take each "
        "as charges of its own",
    )


class FocusFiles:
    """Files that hold whole bills: the files of one billing period together are that period."""

    kind: ClassVar[str] = "focus-files"
    Options: ClassVar[type[BaseModel]] = FocusFilesOptions

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        *,
        base: Path,
        endpoint: str | None = None,
        additive: bool = False,
        limits: InputLimits = DEFAULT_LIMITS,
    ) -> None:
        """Relative ``paths`` count from ``base``. ``additive``: files with the same charges do not overlap."""
        self.name = name
        self.usage = Usage()
        self._paths = tuple(paths)
        self._base = base.absolute()
        self._endpoint = endpoint
        self._additive = additive
        self._limits = limits

    @classmethod
    def from_options(
        cls, name: str, options: FocusFilesOptions, *, base: Path, limits: InputLimits = DEFAULT_LIMITS
    ) -> FocusFiles:
        paths = [options.path] if isinstance(options.path, str) else options.path
        additive = options.overlaps == "additive"
        return cls(name, paths, base=base, endpoint=options.endpoint, additive=additive, limits=limits)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:  # noqa: ARG002 - one file may hold any period
        """One offer a billing period, oldest first. Files that ``known`` has seen are not opened.

        Raises ``NotFound`` for a path without a bill, ``RefusedBatch`` for a file that cannot be one, what a store
        raises.
        """
        found = self._find()
        seen = known_files(known)
        notes = [found.note()] if found.left_out else []
        bills: list[tuple[BillFile, Periods]] = []
        beside: dict[Dataset, list[BillFile]] = {}
        for file in found.files:
            bill = BillFile(file, self._limits)
            before = seen.get((file.stored.uri, file.fingerprint))
            if before is not None:
                bills.append((bill, before))
            elif (dataset := DATASETS.get(what := bill.format())) is not None:
                beside.setdefault(dataset, []).append(bill)
            elif what in NOT_CHARGES:
                notes.append(f"{file.name}: skipped, a {what.value} file contains no charges")
            elif periods := billing_periods(bill.dated()):
                bills.append((bill, periods))
            else:
                notes.append(f"{file.name}: it has a header but no rows")
        bills, copied = without_copies(bills, lambda bill: (bill.found.stored.uri, bill.found.fingerprint) in seen)
        offers = [
            self._offer(period, [(bill, days) for bill, days in bills if period in days], known.get(period))
            for period in sorted({period for _, days in bills for period in days})
        ]
        notes += [*copied, *(note for offer in offers for note in notes_of(offer.manifest))]
        gone = sorted(known.keys() - {offer.billing_period for offer in offers})
        notes += [f"{period:%Y-%m}: no file contains it any more; the collected rows are kept" for period in gone]
        datasets = (
            DatasetOffer(dataset, digest([bill.found for bill in files]), tuple(bill.part() for bill in files))
            for dataset, files in sorted(beside.items())
        )
        return Discovery(tuple(offers), tuple(notes), tuple(datasets))

    def check(self) -> Sequence[Check]:
        """Whether the files can be listed, and the newest of them read."""
        try:
            found = self._find()
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error)) for subject in [", ".join(self._paths)]]
        newest = max(found.files, key=lambda file: file.stored.modified_at)
        size = sum(file.size_bytes for file in found.files)
        at = f"{newest.stored.modified_at:%Y-%m-%d %H:%M} UTC"
        detail = f"{count_text(len(found.files), 'file')}, {size:,} bytes, the latest of {at}"
        checks = [Check(", ".join(self._paths), passed=True, detail=detail)]
        if found.left_out:
            checks.append(Check("other files", passed=True, detail=found.note()))
        bill = BillFile(newest, self._limits)
        try:
            what = bill.format()
            if what in NOT_CHARGES:
                rest = "" if what in DATASETS else ", skipped"
                return [*checks, Check(newest.name, passed=True, detail=f"{what.value}{rest}")]
            days = billing_periods(bill.dated())
        except FinopsError as error:
            return [*checks, Check(newest.name, passed=False, detail=str(error))]
        held = ", ".join(f"{day:%Y-%m}" for day in days) or "no rows"
        return [*checks, Check(newest.name, passed=True, detail=f"holds {held}")]

    def _find(self) -> Found:
        self.usage.requests += sum("://" in path for path in self._paths)
        return find_files(self._paths, base=self._base, endpoint=self._endpoint)

    def _offer(self, period: date, own: Sequence[tuple[BillFile, Periods]], known: Known | None) -> Offer:
        mark = digest([bill.found for bill, _ in own])
        notes: Sequence[str] = ()
        if self._additive:
            notes = ()
        elif known is not None and known.digest == mark:
            notes = notes_of(known.manifest)
        elif len(own) > 1:
            notes = overlap_notes([(bill, days[period]) for bill, days in own], period)
        return Offer(
            billing_period=period,
            digest=mark,
            parts=tuple(bill.part() for bill, _ in own),
            manifest=manifest([(bill.found, days) for bill, days in own], notes),
        )
