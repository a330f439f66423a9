"""What everything costs, kept from one evaluation to the next by (source, billing period)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from finops.evaluate.aggregation.frames import Partition
from finops.evaluate.aggregation.reads import Reads
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.totals.cost_lines import (
    NO_SUMS,
    CostScopes,
    Span,
    cost_lines,
    cost_scopes,
    cost_sums,
    summed,
    with_allocated,
)
from finops.memo import Memo
from finops.model.costs import Costs
from finops.model.period import month_start
from finops.model.source_freshness import SourceFreshness
from finops.ports.lake import LakeView, Marks


class CostCache:
    """Cost lines, and what they were added up from: of what did not change since, nothing is read again.

    Not for two threads at once.
    """

    def __init__(self, *, most_rows: int) -> None:
        """``most_rows``: of sums that are kept. Above it all are forgotten, and read again next time."""
        self._most_rows = most_rows
        self._lines: Memo[Costs] = Memo()
        self._scopes: Memo[CostScopes] = Memo()
        self._span: Span | None = None
        self._sums: dict[Partition, tuple[str, pl.DataFrame]] = {}

    def lines(
        self, view: LakeView, marks: Marks, moment: Moment, freshness: Sequence[SourceFreshness], *, reads: Reads
    ) -> Costs:
        """See ``finops.evaluate.totals.cost_lines``; with AllocatedCost where rules move something, unless not all that
        they move is known. ``marks``: those of ``view``; ``reads``: records what is read now."""
        settled = {source.source: moment.settled_through(source) for source in freshness}
        dimensions = moment.settings.dimensions

        def made() -> Costs:
            scopes = self._scopes.of((marks.scopes, dimensions), lambda: cost_scopes(view, dimensions))
            span, month = Span.of(moment.today, settled.values()), month_start(moment.today)
            sums = self._sums_of(view, marks, span, reads)
            direct = cost_lines(scopes, sums, settled, month)
            if moved is None:
                return direct
            both = pl.concat([sums, summed(moved.transfers.lazy(), span).select(NO_SUMS.columns)])
            return with_allocated(direct, cost_lines(cost_scopes(view.allocated(), dimensions), both, settled, month))

        allocated = view.allocated().moved()
        moved = allocated if not allocated.transfers.is_empty() and not allocated.doubts else None
        return self._lines.of((marks, dimensions, moment.today, settled, moved), made)

    def _sums_of(self, view: LakeView, marks: Marks, span: Span, reads: Reads) -> pl.DataFrame:
        if span != self._span:
            self._span, self._sums = span, {}
        self._sums = {one: known for one, known in self._sums.items() if marks.periods.get(one) == known[0]}
        missing = [one for one in marks.periods if one not in self._sums]
        if missing:
            with reads.of("costs_daily, for what everything costs", len(missing)) as count:
                found = cost_sums(view, span, missing)
                count.rows = found.height
            split = found.partition_by(["source", "billing_period"], as_dict=True, include_key=False)
            self._sums |= {one: (marks.periods[one], split.get(one, NO_SUMS)) for one in missing}
        every = pl.concat([NO_SUMS, *(sums for _, sums in self._sums.values())])
        if every.height > self._most_rows:
            self._sums = {}
        return every
