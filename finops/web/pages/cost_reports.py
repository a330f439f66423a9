"""Reports of costs for pages: those of the rollup at once, those of single rows in the background, with progress."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from cachetools import LRUCache

from finops.app.costs import CostReader
from finops.app.costs.reader import Asked, Estimate
from finops.model.cost_question import CostQuestion
from finops.model.cost_report import CostReport
from finops.ports.pages import PendingCosts

_MOST = 32
"""Reports that are kept: a page, its drawing in two sizes and its files are of one report."""
_AT_ONCE = 2
_PATIENCE_SECONDS = 1.0
"""What takes no longer is waited for."""


@dataclass(slots=True)
class _Job:
    estimate: Estimate
    done: int = 0
    parts: int = 0
    future: Future[CostReport] = field(default_factory=Future)

    def progress(self, done: int, parts: int) -> None:
        self.done, self.parts = done, parts


class CostReports:
    """Safe to use from several threads. A report is kept until the data that decides it changes."""

    def __init__(self, reader: CostReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(_AT_ONCE)
        self._reports: LRUCache[str, CostReport] = LRUCache(_MOST)
        self._jobs: LRUCache[str, _Job] = LRUCache(_MOST)
        self._workers = ThreadPoolExecutor(1, "costs")

    @property
    def columns(self) -> Sequence[str]:
        return self._reader.groupable

    def read(self, question: CostQuestion) -> CostReport | PendingCosts:
        """Raises what ``CostReader`` raises."""
        asked = self._reader.understand(question)
        key = json.dumps(self._reader.mark(asked))
        with self._lock:
            known = self._reports.get(key)
        if known is not None:
            return known
        estimate = self._reader.estimate(asked)
        if estimate is not None:
            return self._in_background(key, asked, estimate)
        with self._turns:
            report = self._reader.report(asked)
        with self._lock:
            self._reports[key] = report
        return report

    def _in_background(self, key: str, asked: Asked, estimate: Estimate) -> CostReport | PendingCosts:
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job(estimate)
                job.future = self._workers.submit(self._reader.report, asked, progress=job.progress)
        try:
            report = job.future.result(_PATIENCE_SECONDS)
        except TimeoutError:
            return PendingCosts(estimate.rows, estimate.whole_seconds, job.done, job.parts)
        except Exception:
            with self._lock:
                self._jobs.pop(key, None)  # the next reader tries again
            raise
        with self._lock:
            self._jobs.pop(key, None)
            self._reports[key] = report
        return report
