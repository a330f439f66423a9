"""The manifest of one run of an export: which blobs it wrote, for which days.

Cost Management writes it last, as ``manifest.json``, in older versions ``_manifest.json``. Shape: "About exports",
microsoft/finops-toolkit, docs-mslearn/toolkit/hubs/data-processing.md, for API 2023-07-01-preview; newer versions add
blobCount, byteCount and dataRowCount to the run, and dataRowCount to each blob.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, ValidationError

from finops.documents import wrong_value
from finops.errors import RefusedBatch

_NAMES = ("manifest.json", "_manifest.json")


@dataclass(frozen=True, slots=True, order=True)
class Blob:
    """One file of a run. ``name`` counts from the container; the counts are None where the manifest has none."""

    name: str
    byte_count: int | None
    row_count: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one export.

    ``manifest``: its own name in the container. ``scope``: what is billed (``/subscriptions/…``), lower case.
    ``dataset``: ``focuscost``, ``actualcost``, ``amortizedcost`` or another type of export, lower case.
    ``first`` and ``last``: the days asked for, both inclusive. ``blob_count`` and ``row_count``: None where not told.
    """

    manifest: str
    export: str
    scope: str
    dataset: str
    version: str
    run_id: str
    submitted_at: datetime
    first: date
    last: date
    blobs: tuple[Blob, ...]
    blob_count: int | None
    row_count: int | None


class _Blob(BaseModel):
    name: str = Field(alias="blobName")
    byte_count: int | None = Field(default=None, alias="byteCount", ge=0)
    row_count: int | None = Field(default=None, alias="dataRowCount", ge=0)


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="ignore")  # newer API versions add keys

    export: str = Field(validation_alias=AliasPath("exportConfig", "exportName"))
    resource_id: str = Field(validation_alias=AliasPath("exportConfig", "resourceId"))
    dataset: str = Field(validation_alias=AliasPath("exportConfig", "type"))
    version: str = Field(default="", validation_alias=AliasPath("exportConfig", "dataVersion"))
    run_id: str = Field(default="", validation_alias=AliasPath("runInfo", "runId"))
    submitted: datetime = Field(validation_alias=AliasPath("runInfo", "submittedTime"))
    first: datetime = Field(validation_alias=AliasPath("runInfo", "startDate"))
    last: datetime = Field(validation_alias=AliasPath("runInfo", "endDate"))
    blobs: list[_Blob]
    blob_count: int | None = Field(default=None, alias="blobCount")
    row_count: int | None = Field(default=None, alias="dataRowCount")


def is_manifest(name: str) -> bool:
    """Whether a blob is a manifest by its name."""
    return PurePosixPath(name).name.lower() in _NAMES


def parse_manifest(content: bytes, name: str) -> Run:
    """``name``: the manifest's name in the container. Raises ``RefusedBatch`` for anything but an export's manifest."""
    try:
        found = _Manifest.model_validate(_fractions_cut(json.loads(content)))
    except (ValueError, ValidationError) as error:
        what = f"the manifest cannot be read ({_first(error)})"
        raise RefusedBatch(
            what, where=name, remedy="Run the export again, or name the export's own directory"
        ) from error
    return Run(
        manifest=name,
        export=found.export,
        scope=found.resource_id.lower().partition("/providers/microsoft.costmanagement/exports/")[0].rstrip("/"),
        dataset=found.dataset.lower(),
        version=found.version,
        run_id=found.run_id,
        submitted_at=_utc(found.submitted),
        first=_utc(found.first).date(),
        last=_utc(found.last).date(),
        blobs=tuple(sorted(Blob(blob.name.strip("/"), blob.byte_count, blob.row_count) for blob in found.blobs)),
        blob_count=found.blob_count,
        row_count=found.row_count,
    )


def _fractions_cut(manifest: Any) -> Any:
    """Times have seven digits behind the point (``2024-02-03T18:33:03.1032074Z``); Python's own reading cuts them."""
    if isinstance(manifest, Mapping) and isinstance(info := manifest.get("runInfo"), Mapping):
        times = ("submittedTime", "startDate", "endDate")
        read = {key: datetime.fromisoformat(info[key]) for key in times if isinstance(info.get(key), str)}
        return {**manifest, "runInfo": {**info, **read}}
    return manifest


def _utc(moment: datetime) -> datetime:
    """A time without a zone is UTC: exports are scheduled in UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _first(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors(include_url=False)[0]
        what = "it is missing" if detail["type"] == "missing" else wrong_value(detail)[0]
        place = ".".join(str(part) for part in detail["loc"])
        return f"{place}: {what}" if place else what
    return str(error)
