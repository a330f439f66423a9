"""Emissions kind ``aws-carbon-export``: the carbon table of AWS Data Exports in an S3 bucket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from finops.collect.aws.bucket import Bucket
from finops.collect.aws.carbon_rows import Method, carbon_manifests, carbon_rows
from finops.collect.aws.execution import look_at
from finops.collect.aws.export_folder import ExportFolder
from finops.collect.aws.export_rows import export_parts
from finops.collect.aws.manifest import Manifest
from finops.errors import FinopsError
from finops.model.wording import count_text
from finops.ports.emissions import EMISSIONS_SCHEMA, EmissionsDelivery
from finops.ports.source import Check, Usage


class CarbonExportOptions(BaseModel):
    """The table CARBON_EMISSIONS of AWS Data Exports in S3, Parquet or CSV."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str = Field(min_length=3, description="The S3 bucket of the export.", examples=["our-bills"])
    prefix: str = Field(default="", description="The S3 path prefix of the export.", examples=["carbon/"])
    export: str = Field(min_length=1, description="The name of the export.", examples=["carbon-monthly"])
    method: Literal["market-based", "location-based"] = Field(
        default="market-based", description="Method of counting electricity."
    )
    endpoint: str | None = Field(default=None, description="URL of a compatible server")


class CarbonExport:
    """Every month that the export has, each by the newest model version.

    Manifests that were not written again cost one listing and no download.
    """

    kind: ClassVar[str] = "aws-carbon-export"
    Options: ClassVar[type[BaseModel]] = CarbonExportOptions

    def __init__(self, name: str, options: CarbonExportOptions) -> None:
        self.name = name
        self.usage = Usage()
        self._bucket = Bucket(options.bucket, options.endpoint, self.usage)
        self._method: Method = options.method
        self._folder = ExportFolder(self._bucket, options.prefix, options.export)

    @classmethod
    def from_options(cls, name: str, options: CarbonExportOptions, *, base: Path) -> CarbonExport:
        del base  # nothing of it is relative
        return cls(name, options)

    def read(self, known_digest: str | None) -> EmissionsDelivery | None:
        """All months, or None when no manifest was written since.

        Raises ``NotFound`` without any manifest, ``Unreachable`` while AWS is writing, ``RefusedBatch`` for a file that
        is no carbon export, and what S3 raises.
        """
        manifests = self._folder.manifests(carbon_manifests)
        marks = "\n".join([self._method, *(f"{manifest.period} {manifest.mark}" for manifest in manifests)])
        digest = f"sha256:{sha256(marks.encode()).hexdigest()}"
        if digest == known_digest:
            return None
        return EmissionsDelivery(pl.concat([self._month(manifest) for manifest in manifests]), digest)

    def check(self) -> Sequence[Check]:
        """Whether manifests can be listed, and the newest month read."""
        subject = self._folder.uri
        try:
            newest = self._folder.manifests(carbon_manifests)[-1]
            rows = self._month(newest)
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error))]
        through = rows["end"].max()
        last = through - timedelta(days=1) if isinstance(through, date) else newest.period
        return [
            Check(
                subject,
                passed=True,
                detail=f"{count_text(rows.height, 'row')} in {newest.period:%Y-%m}, through {last}",
            )
        ]

    def _month(self, manifest: Manifest) -> pl.DataFrame:
        execution = look_at(self._bucket, manifest)
        parts = export_parts(self._bucket, execution.files, manifest.period)
        frames = [carbon_rows(part, self._method) for part in parts]
        return pl.concat([pl.DataFrame(schema=EMISSIONS_SCHEMA), *frames])
