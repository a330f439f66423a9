"""The same for selections that name other columns than ``scopes`` has: one scan of single rows for all of them, summed
up by what they name. The sums of a (source, billing period) are kept until it changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from finops.evaluate.aggregation.cell_sums import sum_cells
from finops.evaluate.aggregation.frames import HERE, Frames, Partition
from finops.evaluate.aggregation.reads import Reads
from finops.evaluate.aggregation.sum_plan import days_from, rows_summed, sum_of
from finops.evaluate.array_kernel.assignment import Batch, assign
from finops.evaluate.selection import Selection
from finops.evaluate.series.daily_sums import added
from finops.evaluate.series.groups import LOOK_BACK, Group, GroupKey, sums_of
from finops.ports.lake import COSTS, Marks

Groups = dict[Selection, dict[GroupKey, Group]]
_DAY = timedelta(days=1)


class RowCache:
    """Not for two threads at once."""

    def __init__(self, *, most_rows: int) -> None:
        self._most_rows = most_rows
        self._forget()

    def _forget(self) -> None:
        self._marks: Mapping[Partition, str] = {}
        self._selections: frozenset[Selection] = frozenset()
        self._costs: tuple[str, ...] = ()
        self._first = date.max
        self._cells: dict[Partition, pl.DataFrame] = {}

    def groups(
        self,
        frames: Frames,
        marks: Marks,
        selections: Mapping[Selection, date | None],
        costs: Sequence[str],
        *,
        today: date,
        reads: Reads,
    ) -> Groups:
        """Groups that had a row since the first day that is summed, or within ``LOOK_BACK`` where that is longer."""
        costs = costs or COSTS[:1]  # rows are seen by the days of their costs
        recent = today - LOOK_BACK + _DAY
        firsts = {selection: min(first or recent, recent) for selection, first in selections.items()}
        first = min(firsts.values(), default=recent)
        known = self._selections >= set(selections) and set(self._costs) >= set(costs) and self._first <= first
        if not known:
            self._forget()
            self._selections, self._costs, self._first = frozenset(selections), tuple(costs), first
        changed = sorted(one for one, mark in marks.periods.items() if self._marks.get(one) != mark)
        try:
            self._cells = {one: cells for one, cells in self._cells.items() if one in marks.periods}
            if changed:
                self._scan(frames, changed, reads)
            self._marks = dict(marks.periods)
            found = self._found(firsts, today, reads)
        except BaseException:
            self._forget()  # half of a change is worse than none
            raise
        if sum(cells.height for cells in self._cells.values()) > self._most_rows:
            self._forget()
        return found

    @property
    def _columns(self) -> list[str]:
        return sorted({"source"}.union(*(selection.columns for selection in self._selections)))

    def _scan(self, frames: Frames, partitions: Collection[Partition], reads: Reads) -> None:
        conditions = [selection.condition for selection in self._selections]
        with reads.of("costs", len(partitions)) as count:
            rows = frames.rows(self._columns, conditions, partitions).filter(days_from(self._first))
            sums = frames.fetch(rows_summed(rows, columns=self._columns, costs=self._costs))
            count.rows = sums.height
        split = sums.partition_by(["source", "billing_period"], as_dict=True)
        for one in partitions:
            self._cells[one] = split.get(one, sums.clear())

    def _found(self, firsts: Mapping[Selection, date], today: date, reads: Reads) -> Groups:
        groups: Groups = {selection: {} for selection in firsts}
        if not self._cells:
            return groups
        cells = pl.concat(self._cells.values()).filter(pl.col("day") <= today)
        columns = self._columns
        with reads.of("conditions on distinct rows") as count:
            keyed = cells.select(columns).unique(maintain_order=True).with_row_index("on").cast({"on": pl.Int64})
            batch = Batch.after([], assign(keyed, firsts))
            count.rows = keyed.height
        if not len(batch.chosen.held):
            return groups
        summable = cells.join(keyed, on=columns, nulls_equal=True).select(
            "on", "billing_period", "day", "currency", *(pl.col(sum_of(cost)).alias(cost) for cost in self._costs)
        )
        sums = sum_cells(HERE, HERE.lend(summable), "on", [batch], self._costs, self._cells, "costs")
        for target, by_cost in sums_of(sums, sums["target"].to_numpy(), self._costs):
            of = batch.named(target)
            group = groups[of.selection].setdefault(of.key, Group())
            group.sources.add(of.source)
            for cost, of_cost in by_cost.items():
                known = group.parts.get(cost, {}).get(of.part)
                group.put(cost, of.part, added([known, of_cost]) if known is not None else of_cost)
        for of_selection in groups.values():
            for group in of_selection.values():
                group.seen = group.days_within(today - LOOK_BACK, today)
        return groups
