"""Exports of AWS Data Exports in a bucket of a test server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from finops.collect.aws import DataExport, DataExportOptions
from tests.contract.sources.focus_rows import as_typed_parquet


@dataclass(frozen=True)
class Export:
    """``endpoint``: what the source is told, which may stand in front of the server that ``client`` writes to."""

    client: Any
    bucket: str
    endpoint: str

    def source(self, export: str = "export") -> DataExport:
        options = DataExportOptions(bucket=self.bucket, prefix="focus", export=export, endpoint=self.endpoint)
        return DataExport.from_options("aws", options, base=Path())

    def put(self, key: str, content: bytes) -> str:
        self.client.put_object(Bucket=self.bucket, Key=f"focus/export/{key}", Body=content)
        return f"s3://{self.bucket}/focus/export/{key}"

    def files(self, month: date, frames: Sequence[pl.DataFrame], folder: str = "") -> list[str]:
        """Uploads one file a frame; their URIs."""
        return [
            self.put(f"data/BILLING_PERIOD={month:%Y-%m}/{folder}export-{n:05}.snappy.parquet", as_typed_parquet(frame))
            for n, frame in enumerate(frames, start=1)
        ]

    def manifest(self, month: date, files: Sequence[str], *, folder: str = "", **more: Any) -> None:
        text = json.dumps({"dataFiles": list(files), **more})
        self.put(f"metadata/BILLING_PERIOD={month:%Y-%m}/{folder}export-Manifest.json", text.encode())

    def deliver(self, month: date, frames: Mapping[str, Sequence[pl.DataFrame]]) -> None:
        """Create-new delivery: each execution in folders of its own, the last one's manifest is the partition's."""
        for execution, parts in frames.items():
            files = self.files(month, parts, f"{execution}/")
            self.manifest(month, files, folder=f"{execution}/")
            self.manifest(month, files, executionId=execution)
