"""The program as an operator has it: a process of its own that ends well when it is asked to."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finops.cli.app import main

PROCESSES = multiprocessing.get_context("forkserver")
"""Processes that are up at once: everything is imported once, in a server that forks."""

PROCESSES.set_forkserver_preload(
    [
        "altair",
        "apscheduler.schedulers.background",
        "finops.app.collection.all",
        "finops.cli.collect",
        "finops.cli.run",
        "finops.service.service",
        "finops_exporters.pages",
        "finops_exporters.prometheus",
        "psycopg",
        "pyarrow",
        "tests.integration.alerts.rounds",
        "tests.integration.lake.writers",
    ]
)


class Program:
    """``finops`` with ``arguments`` in ``folder``, its errors in ``log``; it starts in 0.1 s instead of two."""

    def __init__(self, *arguments: str, folder: Path, log: Path) -> None:
        self._log = log
        self._process = PROCESSES.Process(target=_run, args=(arguments, folder, log, dict(os.environ)))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def ends(self, seconds: float = 60) -> str:
        """Its log, once it has ended."""
        self._process.join(seconds)
        assert self.returncode is not None, f"it has not ended in {seconds} seconds"
        return self.log()


def _run(arguments: tuple[str, ...], folder: Path, log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in ((1, Path(os.devnull)), (2, log)):
        with path.open("wb") as output:
            os.dup2(output.fileno(), number)
    sys.argv = ["finops", *arguments]
    main()


@contextmanager
def service_process(*arguments: str, log: Path) -> Iterator[None]:
    """``python -m finops`` with ``arguments`` while the block runs; it ends with status 0 and without a traceback."""
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
