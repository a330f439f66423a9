"""The service as an operator has it: a process of its own that ends well when it is asked to."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def service_process(*arguments: str, log: Path) -> Iterator[None]:
    """``finops`` with ``arguments`` while the block runs; it ends with status 0 and no traceback in ``log``."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "finops", *arguments], stdout=subprocess.DEVNULL, stderr=errors
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert "Traceback" not in log.read_text(encoding="utf-8")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
