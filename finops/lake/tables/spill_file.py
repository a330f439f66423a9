"""Frames that go to temporary files on this machine and come back, in the place that ``TMPDIR`` names."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from finops.lake.tables.failures import lake_failures


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
