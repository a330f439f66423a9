"""Whether everything that a manifest names has arrived: blobs and bytes before reading, rows after it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from finops.collect.azure.export.manifest import Blob, Run
from finops.errors import Unreachable
from finops.model.wording import count_text
from finops.objectstore.listing import StoredFile

_REMEDY = "Nothing is collected; the next collection retries. If the problem persists, run the export again"


def half_delivered(run: Run, files: Mapping[str, StoredFile]) -> Unreachable | None:
    """The error to raise where a blob of ``run`` is missing or has another size. ``files``: what is there, by name."""
    fault = _blob_fault(run, files)
    return None if fault is None else Unreachable(f"half-delivered: {fault}", where=run.manifest, remedy=_REMEDY)


def is_gone(run: Run, files: Mapping[str, StoredFile]) -> bool:
    """Whether no blob of ``run`` is there at all: cleared away, rather than on its way."""
    return bool(run.blobs) and not any(blob.name in files for blob in run.blobs)


def _blob_fault(run: Run, files: Mapping[str, StoredFile]) -> str | None:
    if run.blob_count is not None and run.blob_count != len(run.blobs):
        return f"the manifest counts {count_text(run.blob_count, 'blob')} and names {len(run.blobs)}"
    for blob in run.blobs:
        file = files.get(blob.name)
        if file is None:
            return f"the blob {blob.name} does not exist"
        if blob.byte_count is not None and file.size_bytes != blob.byte_count:
            return f"the blob {blob.name} has {file.size_bytes:,} bytes, the manifest says {blob.byte_count:,}"
    return None


class RowCount:
    """Holds the rows that were read of a run against what its manifest says."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._read: dict[str, int] = {}
        self._lock = threading.Lock()

    def check(self, blob: Blob, rows: int) -> None:
        """``rows`` were read of ``blob``, all of it. Raises ``Unreachable`` where they are not what was announced."""
        if blob.row_count is not None and rows != blob.row_count:
            raise self._fault(
                f"the blob {blob.name} has {count_text(rows, 'row')}, the manifest says {blob.row_count:,}"
            )
        with self._lock:
            self._read[blob.name] = rows
            total = sum(self._read.values()) if len(self._read) == len(self._run.blobs) else None
        if total is not None and self._run.row_count is not None and total != self._run.row_count:
            raise self._fault(f"{count_text(total, 'row')} received, the manifest says {self._run.row_count:,}")

    def _fault(self, what: str) -> Unreachable:
        return Unreachable(f"half-delivered: {what}", where=self._run.manifest, remedy=_REMEDY)
