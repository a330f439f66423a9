"""``azure-cost-export`` in Blob Storage (Azurite): a run a bill, a blob a line; both overwrite behaviours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.collect.azure.export import AzureCostExport, AzureCostExportOptions
from finops.objectstore.location import Location
from finops.ports.source import Source
from tests.contract.sources.azure_answers import fault_of
from tests.contract.sources.focus_rows import as_csv_gz, as_typed_parquet, focus_frame
from tests.contract.sources.place import NAME, Case, Line
from tests.servers.faulty import FaultyServer
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.export_tree import Tree

KIND = "azure-cost-export"

GAPS = {
    Case.WRONG_DIGEST: "Azure's manifests announce bytes and rows and no digest",
    Case.COUNTED: "obstore and Polars wait and try again by themselves and do not tell",
}


@dataclass
class ExportPlace:
    container: str
    faulty: FaultyServer
    account: str
    tree: Tree
    form: str
    write: Callable[[pl.DataFrame], bytes]
    overwrite: bool
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/integration/main_job/test_kill_collect.py::test_every_round_leaves_a_whole_state"
    secrets: tuple[str, ...] = ("Eby8vdM02xNOcqFl",)
    runs: int = 0
    _files: dict[str, bytes] = field(default_factory=dict)
    _lines: tuple[Line, ...] = ()

    def source(self) -> Source:
        return self._source("bills")

    def elsewhere(self) -> Source:
        return self._source("elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        self.runs += 1
        self._lines = lines
        self._run(month)

    def withdraw(self, month: date) -> None:
        for name in self._manifests(month):
            self.tree.remove(name)

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        name, content = max(self._files.items())
        if case is Case.PART_MISSING:
            self.tree.remove(name)
        elif case is Case.HALF_WRITTEN:
            self.tree.put(name, content + content)
        elif case is Case.TRUNCATED:
            self._run(month, cut=True)
        elif case is Case.WRONG_ROW_COUNT:
            self._run(month, change=_one_row_more)
        else:
            with self.faulty.failing(fault_of(case, lambda asked: "/part_" in asked.path)):
                yield
            return
        yield
        self._run(month)

    def _run(
        self, month: date, *, cut: bool = False, change: Callable[[dict[str, Any]], None] = lambda _manifest: None
    ) -> None:
        parts = [self.write(focus_frame(month, (line,))) for line in self._lines]
        if cut:
            parts[-1] = parts[-1][: len(parts[-1]) // 2]
        submitted = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=self.runs)
        names = self.tree.run(
            parts,
            self.form,
            [1 for _ in parts],
            month=month,
            submitted=f"{submitted:%Y-%m-%dT%H:%M:%S}.1234567Z",
            run_id=f"run-{self.runs}",
            overwrite=self.overwrite,
            change=change,
        )
        self._files = dict(zip(names, parts, strict=True))

    def _manifests(self, month: date) -> list[str]:
        store = Location.parse(
            f"abfss://{self.container}@{self.account}", base=Path(), endpoint=self.faulty.endpoint
        ).store()
        found = [item["path"] for batch in store.list() for item in batch]
        return [name for name in found if name.endswith("manifest.json") and f"/{month:%Y%m%d}-" in name]

    def _source(self, directory: str) -> Source:
        options = AzureCostExportOptions(
            account_url=f"https://{self.account}.blob.core.windows.net",
            container=self.container,
            directory=directory,
            endpoint=self.faulty.endpoint,
        )
        return AzureCostExport.from_options(
            NAME, options, base=Path(), clock=MovableClock(datetime(2026, 5, 2, 6, tzinfo=UTC))
        )


def _one_row_more(manifest: dict[str, Any]) -> None:
    manifest["blobs"][-1]["dataRowCount"] += 1


def _place(
    form: str, write: Callable[[pl.DataFrame], bytes], *, overwrite: bool
) -> Callable[[pytest.FixtureRequest, Path], ExportPlace]:
    def make(request: pytest.FixtureRequest, folder: Path) -> ExportPlace:
        container, server = request.getfixturevalue("azure_container"), request.getfixturevalue("azurite_server")
        store = Location.parse(f"abfss://{container}@{server.account}", base=folder, endpoint=server.endpoint).store()
        faulty: FaultyServer = request.getfixturevalue("faulty_azurite")
        return ExportPlace(container, faulty, server.account, Tree(store.put, store.delete, {}), form, write, overwrite)

    return make


PLACES = {
    "parquet_overwritten": _place("snappy.parquet", as_typed_parquet, overwrite=True),
    "csv_created_anew": _place("csv.gz", as_csv_gz, overwrite=False),
}
