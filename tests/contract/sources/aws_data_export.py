"""``aws-data-export`` in S3 (moto): a manifest a month, a file a line; both ways of delivery, both forms of files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.collect.aws import DataExport, DataExportOptions
from finops.ports.source import Source
from tests.contract.sources.focus_rows import as_csv_gz, as_typed_parquet, focus_frame, next_month
from tests.contract.sources.place import ACCOUNT, NAME, Case, Line
from tests.contract.sources.s3_answers import fault_of
from tests.servers.faulty import FaultyServer
from tests.unit.collect.aws.cur_rows import as_csv, at, row

KIND = "aws-data-export"

GAPS = {
    Case.WRONG_DIGEST: "AWS's manifests announce no digest; S3's own ETag is checked instead, see HALF_WRITTEN",
    Case.WRONG_ROW_COUNT: "AWS's manifests announce no number of rows",
}


@dataclass(frozen=True)
class Form:
    """How the export is configured."""

    suffix: str
    write: Callable[[pl.DataFrame], bytes]
    frame: Callable[[date, Sequence[Line]], pl.DataFrame]
    partition: str
    create_new: bool


def cur_frame(month: date, lines: Sequence[Line]) -> pl.DataFrame:
    """A Cost and Usage Report 2.0 as CSV has it; what AWS corrects it charges with the old dates."""
    rows = [
        row(
            bill_payer_account_id=ACCOUNT,
            bill_billing_period_start_date=at(month.year, month.month, 1),
            bill_billing_period_end_date=at(*next_month(month).timetuple()[:3]),
            line_item_usage_start_date=at(*line.day.timetuple()[:3]),
            line_item_usage_end_date=at(*(line.day + timedelta(days=1)).timetuple()[:3]),
            line_item_unblended_cost=float(line.cost),
            product={"product_name": line.service},
        )
        for line in lines
    ]
    return as_csv(rows)


@dataclass
class ExportPlace:
    bucket: str
    client: Any
    faulty: FaultyServer
    form: Form
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/integration/main_job/test_kill_export.py::test_killed_in_mid_file"
    secrets: tuple[str, ...] = ("testing",)
    executions: int = 0
    _files: dict[str, bytes] = field(default_factory=dict)

    def source(self) -> Source:
        return self._source("export")

    def elsewhere(self) -> Source:
        return self._source("elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        self.executions += 1
        folder = f"focus/export/data/{self._partition(month)}"
        if self.form.create_new:
            folder += f"/20260502T0{self.executions:05}-execution-{self.executions}"
        parts = [(line,) for line in lines]
        self._files = {
            f"{folder}/export-{number:05}{self.form.suffix}": self.form.write(self.form.frame(month, part))
            for number, part in enumerate(parts, start=1)
        }
        for key, content in self._files.items():
            self._put(key, content)
        self._put(self._manifest(month), self._manifest_text())

    def withdraw(self, month: date) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self._manifest(month))

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        key, content = max(self._files.items())
        if case is Case.PART_MISSING:
            self.client.delete_object(Bucket=self.bucket, Key=key)
        elif case is Case.TRUNCATED:
            self._put(key, content[: len(content) // 2])
            self._put(self._manifest(month), self._manifest_text())
        elif case is Case.HALF_WRITTEN:
            self._write_after_the_manifest(key, content)
        else:
            with self.faulty.failing(fault_of(case, lambda asked: "/data/" in asked.path)):
                yield
            return
        yield
        self._put(key, content)
        self._put(self._manifest(month), self._manifest_text())

    def _write_after_the_manifest(self, key: str, content: bytes) -> None:
        """S3 tells times in whole seconds: written again until it shows."""
        manifest = max(self._objects("focus/export/metadata/"), key=lambda item: item["LastModified"])
        while self.client.head_object(Bucket=self.bucket, Key=key)["LastModified"] <= manifest["LastModified"]:
            self._put(key, content)

    def _objects(self, prefix: str) -> list[dict[str, Any]]:
        return list(self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix)["Contents"])

    def _put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def _partition(self, month: date) -> str:
        return f"{self.form.partition}={month:%Y-%m}"

    def _manifest(self, month: date) -> str:
        return f"focus/export/metadata/{self._partition(month)}/export-Manifest.json"

    def _manifest_text(self) -> bytes:
        uris: list[Any] = [f"s3://{self.bucket}/{key}" for key in self._files]
        if self.form.create_new:
            uris = [{"s3Uri": uri} for uri in uris]
        return json.dumps({"dataFiles": uris, "executionId": f"execution-{self.executions}"}).encode()

    def _source(self, export: str) -> Source:
        options = DataExportOptions(bucket=self.bucket, prefix="focus/", export=export, endpoint=self.faulty.endpoint)
        return DataExport.from_options(NAME, options, base=Path())


def _place(form: Form) -> Callable[[pytest.FixtureRequest, Path], ExportPlace]:
    def make(request: pytest.FixtureRequest, folder: Path) -> ExportPlace:
        del folder
        bucket = request.getfixturevalue("s3_bucket")
        client = request.getfixturevalue("moto_server").client()
        request.getfixturevalue("monkeypatch").setenv("AWS_MAX_ATTEMPTS", "2")  # two tries are enough to see a refusal
        return ExportPlace(bucket, client, request.getfixturevalue("faulty_s3"), form)

    return make


PLACES = {
    "focus_parquet_overwritten": _place(
        Form(".snappy.parquet", as_typed_parquet, focus_frame, "BILLING_PERIOD", create_new=False)
    ),
    "cur_csv_created_anew": _place(Form(".csv.gz", as_csv_gz, cur_frame, "billing_period", create_new=True)),
}
