"""A container as Cost Management fills it.

Shape of names and manifests: "About exports", microsoft/finops-toolkit, docs-mslearn/toolkit/hubs/data-processing.md;
``<directory>/<export>/<yyyymmdd-yyyymmdd>/[<time>/]<guid>/part_N_0001.<form>`` with its manifest beside the parts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from finops.collect.azure.export import AzureCostExport, AzureCostExportOptions
from finops.model.period import month_start
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.focus_rows import SCOPE

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@dataclass
class Tree:
    """``put`` and ``remove`` change a blob; ``source`` reads the tree."""

    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]
    options: Mapping[str, Any]
    clock: MovableClock = field(default_factory=MovableClock)

    def source(self, **options: Any) -> AzureCostExport:
        given = AzureCostExportOptions(**{**self.options, **options})
        return AzureCostExport.from_options("bills", given, base=Path(), clock=self.clock)

    def run(
        self,
        parts: Sequence[bytes],
        form: str,
        rows: Sequence[int],
        *,
        month: date = MARCH,
        submitted: str = "2026-03-20T05:12:03.1032074Z",
        export: str = "focus-daily",
        scope: str = SCOPE,
        dataset: str = "FocusCost",
        version: str = "1.2-preview",
        run_id: str = "run-1",
        overwrite: bool = False,
        manifest: str = "manifest.json",
        deliver: bool = True,
        change: Callable[[dict[str, Any]], None] = lambda _manifest: None,
    ) -> list[str]:
        """One run; returns the names of its blobs. Without ``deliver`` its parts are not there yet.

        ``change`` edits the manifest before it is written.
        """
        last = month_start(month, 1) - timedelta(days=1)
        folder = f"bills/{export}/{month:%Y%m%d}-{last:%Y%m%d}"
        folder += "" if overwrite else f"/{submitted[:10].replace('-', '')}0512/{run_id}"
        names = [f"{folder}/part_{number}_0001.{form}" for number in range(len(parts))]
        if deliver:
            for name, content in zip(names, parts, strict=True):
                self.put(name, content)
        written: dict[str, Any] = {
            "manifestVersion": "2024-04-01",
            "byteCount": sum(map(len, parts)),
            "blobCount": len(parts),
            "dataRowCount": sum(rows),
            "exportConfig": {
                "exportName": export,
                "resourceId": f"{scope}/providers/Microsoft.CostManagement/exports/{export}",
                "dataVersion": version,
                "apiVersion": "2023-07-01-preview",
                "type": dataset,
                "timeFrame": "MonthToDate",
                "granularity": "Daily",
            },
            "deliveryConfig": {
                "partitionData": True,
                "dataOverwriteBehavior": "OverwritePreviousReport" if overwrite else "CreateNewReport",
                "fileFormat": "Parquet" if "parquet" in form else "Csv",
                "containerUri": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/bills",
                "rootFolderPath": "bills",
            },
            "runInfo": {
                "executionType": "Scheduled",
                "submittedTime": submitted,
                "runId": run_id,
                "startDate": f"{month}T00:00:00",
                "endDate": f"{last}T00:00:00",
            },
            "blobs": [
                {"blobName": name, "byteCount": len(content), "dataRowCount": count}
                for name, content, count in zip(names, parts, rows, strict=True)
            ],
        }
        change(written)
        self.put(f"{folder}/{manifest}", json.dumps(written).encode())
        return names
