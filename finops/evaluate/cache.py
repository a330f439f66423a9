"""What is kept from one evaluation of a lake to the next."""

from __future__ import annotations

from finops.evaluate.aggregation.reads import Reads
from finops.evaluate.cases.case_builder import CaseCache
from finops.evaluate.cases.verdict_cache import VerdictCache
from finops.evaluate.drivers import ChangeExplanation
from finops.evaluate.series.rollup_cache import MOST_ROWS
from finops.evaluate.series.series_query import SeriesCache
from finops.evaluate.totals.cost_cache import CostCache
from finops.evaluate.totals.month import MonthCache
from finops.memo import Memo


class EvaluationCache:
    """It saves reading and changes no verdict. Bounded: above ``most_rows`` sums are dropped and read again.

    Not thread-safe.
    """

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self.cases = CaseCache(most_rows=most_rows)
        self._most_rows = most_rows
        self.allocated = CaseCache(most_rows=most_rows)
        """Of policies over AllocatedCost."""
        self._rates = ""
        self.totals = CostCache(most_rows=most_rows)
        self.month = MonthCache(most_rows=most_rows)
        self.verdicts = VerdictCache()
        self.changes: Memo[list[ChangeExplanation]] = Memo()
        """The explanation of each firing verdict, as long as the same ones fire over the same bills."""

    def allocated_with(self, rates: str) -> CaseCache:
        """``rates``: their digest. What is allocated by spend in several currencies depends on them."""
        if rates != self._rates:
            self.allocated, self._rates = CaseCache(most_rows=self._most_rows), rates
        return self.allocated

    @property
    def series(self) -> SeriesCache:
        return self.cases.series

    @property
    def reads(self) -> Reads:
        """What the latest evaluation read."""
        return self.series.reads
