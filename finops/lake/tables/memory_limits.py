"""How much is held at once while rows are written; what is more goes to temporary files and comes back."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from finops.lake.tables.failures import lake_failures

DEFAULT_BYTES = 1024**3
_CELL_BYTES = 80
_VALUE_BYTES = 16  # a text's view, a decimal
_CHUNKS_AT_ONCE = 48  # being read, conformed, partitioned, encoded, on all threads


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Of one collection that is written. Scopes come on top: some 2 KiB for each that it meets.

    Measured with ``benchmarks/ingest.py``: a third of it is rows in flight, the rest is what adds them up.
    """

    memory_bytes: int = DEFAULT_BYTES

    def rows_at_once(self, columns: int) -> int:
        """Rows of a chunk of the stream."""
        return _between(2_000, self.memory_bytes // (_CHUNKS_AT_ONCE * _VALUE_BYTES * max(1, columns)), 100_000)

    def rows_per_group(self, columns: int) -> int:
        """Rows of a row group, all of which is held until it is written."""
        return _between(5_000, self.memory_bytes // (8 * _VALUE_BYTES * max(1, columns)), 100_000)

    @property
    def rows_together(self) -> int:
        """Rows, with the columns that a rollup needs, that are added up at once where chunks are shorter."""
        return _between(5_000, self.memory_bytes // (10 * 1024), 100_000)

    @property
    def cells_held(self) -> int:
        """Cells, and rows that become cells, in memory; more go aside to a temporary file."""
        return _between(100_000, self.memory_bytes // (8 * _CELL_BYTES), 20_000_000)


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))


class SpillFile:
    """Its folder is made when it is first needed, and goes when nobody holds this object any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._count = 0

    def write(self, frame: pl.DataFrame) -> Path:
        """The file that now holds ``frame``."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="finops-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            self._count += 1
            path = self._folder / f"{self._count}.arrow"
        with lake_failures(str(path)):
            frame.write_ipc(path, compression="lz4")
        return path

    def read(self, path: Path) -> pl.DataFrame:
        with lake_failures(str(path)):
            return pl.read_ipc(path)

    def forget(self, paths: Iterable[Path]) -> None:
        """What is not needed any more."""
        for path in paths:
            path.unlink(missing_ok=True)
