"""Source kind ``aws-data-export``: exports of AWS Data Exports in an S3 bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from finops.collect.aws.bucket import Bucket
from finops.collect.aws.execution import READER, Execution, digest, look_at
from finops.collect.aws.export_folder import ExportFolder
from finops.collect.aws.export_rows import export_parts
from finops.collect.aws.manifest import Manifest, current_manifests
from finops.errors import FinopsError
from finops.model.wording import count_text
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Usage, Window


class DataExportOptions(BaseModel):
    """Exports of AWS Data Exports in S3: FOCUS 1.0 and 1.2, CUR 2.0; Parquet or CSV, overwritten or created anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str = Field(min_length=3, description="The S3 bucket of the export.", examples=["our-bills"])
    prefix: str = Field(default="", description="The S3 path prefix of the export.", examples=["focus/"])
    export: str = Field(min_length=1, description="The name of the export.", examples=["focus-daily"])
    endpoint: str | None = Field(default=None, description="URL of a compatible server")


class DataExport:
    """Reads what the newest manifest of each billing period names, and nothing else.

    A manifest that was not written again costs its share of one listing. ``usage`` counts the requests of boto3, not
    the reads of rows; Amazon charges them to the bucket's owner, well under a cent a collection, so no cost is counted.
    """

    kind: ClassVar[str] = "aws-data-export"
    Options: ClassVar[type[BaseModel]] = DataExportOptions

    def __init__(self, name: str, options: DataExportOptions, limits: InputLimits = DEFAULT_LIMITS) -> None:
        self.name = name
        self.usage = Usage()
        self._limits = limits
        self._bucket = Bucket(options.bucket, options.endpoint, self.usage)
        self._folder = ExportFolder(self._bucket, options.prefix, options.export)

    @classmethod
    def from_options(
        cls, name: str, options: DataExportOptions, *, base: Path, limits: InputLimits = DEFAULT_LIMITS
    ) -> DataExport:
        del base  # nothing of it is relative
        return cls(name, options, limits)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """One offer a billing period in ``window``, oldest first; those unchanged since ``known`` have no parts.

        Raises ``NotFound`` without any manifest, ``Unreachable`` while AWS is writing a period, ``RefusedBatch`` for a
        manifest that cannot be read, and what S3 raises.
        """
        manifests = self._folder.manifests(current_manifests)
        gone = sorted(known.keys() - {manifest.period for manifest in manifests})
        wanted = [manifest for manifest in manifests if manifest.period in window]
        offers = tuple(self._offer(manifest, known.get(manifest.period)) for manifest in wanted)
        notes = tuple(
            f"{period:%Y-%m}: the export no longer has its manifest; the collected rows are kept" for period in gone
        )
        return Discovery(offers, notes)

    def check(self) -> Sequence[Check]:
        """Whether manifests can be listed and read, and the newest period's files are whole and readable."""
        subject = self._folder.uri
        try:
            manifests = self._folder.manifests(current_manifests)
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error))]
        newest = manifests[-1]
        written = f"{newest.stored.modified_at:%Y-%m-%d %H:%M} UTC"
        counted = count_text(len(manifests), "billing period")
        checks = [Check(subject, passed=True, detail=f"{counted}, the newest {newest.period:%Y-%m}, written {written}")]
        try:
            detail = self._read_newest(newest)
        except FinopsError as error:
            return [*checks, Check(f"{newest.period:%Y-%m}", passed=False, detail=str(error))]
        return [*checks, Check(f"{newest.period:%Y-%m}", passed=True, detail=detail)]

    def _read_newest(self, manifest: Manifest) -> str:
        execution = look_at(self._bucket, manifest)
        size = sum(file.size_bytes for file in execution.files)
        detail = f"{count_text(len(execution.files), 'file')}, {size:,} bytes"
        if execution.files:
            (part,) = export_parts(self._bucket, execution.files[:1], manifest.period, self._limits)
            columns = part.open().collect_schema()
            detail += f", {count_text(len(columns), 'column')}"
        return detail

    def _offer(self, manifest: Manifest, known: Known | None) -> Offer:
        kept = known.manifest if known is not None else {}
        if known is not None and (kept.get("mark"), kept.get("reader")) == (manifest.mark, READER):
            return Offer(manifest.period, known.digest, (), known.manifest)  # unchanged: never opened
        execution: Execution = look_at(self._bucket, manifest)
        return Offer(
            billing_period=manifest.period,
            digest=digest(execution.files),
            parts=export_parts(self._bucket, execution.files, manifest.period, self._limits),
            manifest={
                "mark": manifest.mark,
                "reader": READER,
                "key": manifest.stored.key,
                "files": len(execution.files),
            },
        )
