"""Daily sums of selections over the rollup, kept from one evaluation to the next, by (source, billing period).

What changed is read again, nothing else: partitions whose mark is another one, for every selection; selections and
scopes that are new, for every partition. What comes out is what a first evaluation would say: sums are exact, so it
does not matter in which pieces they were added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl

from finops.deferred import narwhals as nw
from finops.deferred import numpy as np
from finops.evaluate.aggregation.cell_sums import sum_cells
from finops.evaluate.aggregation.frames import Frames, Partition, of_partitions
from finops.evaluate.aggregation.reads import Reads
from finops.evaluate.aggregation.sum_plan import days_from
from finops.evaluate.array_kernel.assignment import Batch, SharedSelections, assign
from finops.evaluate.selection import Selection, Values
from finops.evaluate.series.daily_sums import NOTHING, replaced
from finops.evaluate.series.groups import LOOK_BACK, Group, GroupKey, sums_of
from finops.ports.lake import Marks

MOST_ROWS = 8_000_000
"""Of daily sums that are kept: about half a gigabyte. Above it all is forgotten, and read again next time."""

Groups = dict[Selection, dict[GroupKey, Group]]
_MOST_BATCHES = 24
"""Each brings new scopes or selections; then all are chosen anew together."""


class RollupCache:
    """Not for two threads at once."""

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self.shared: list[SharedSelections] = []
        """Of all batches, as of the newest evaluation."""
        self._forget()

    def _forget(self) -> None:
        """``_places``: each part of each group once; ``_owners``: aligned with it; ``_owner_of``: of each target."""
        self._marks: Marks | None = None
        self._costs: tuple[str, ...] = ()
        self._selections: dict[Selection, date | None] = {}
        self._known = pl.Series("on", [], dtype=pl.Int64)
        self._batches: list[Batch] = []
        self._sums: dict[Partition, pl.DataFrame] = {}
        self._spans: dict[Partition, pl.DataFrame] = {}
        self._sources = pl.DataFrame(schema=_SOURCES)
        self._groups: Groups = {}
        self._places: dict[tuple[Selection, GroupKey, Values], int] = {}
        self._owners: list[tuple[Group, Values]] = []
        self._owner_of = np.zeros(0, np.int64)
        self._since = self._today = date.min

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
        """Every group of each selection. ``selections``: the first day that is summed of each; None: no day."""
        if self._marks is not None and not self._fits(selections, costs, today):
            self._forget()
        if self._marks is None:
            self._since, self._costs = today, tuple(costs)
        try:
            self._bring_up(frames, marks, selections, reads)
            self._see(frames, today, reads)
        except BaseException:
            self._forget()  # half of a change is worse than none
            raise
        self._today = today
        self.shared = [one for batch in self._batches for one in batch.chosen.shared]
        found = {selection: self._groups.get(selection, {}) for selection in selections}
        if sum(part.height for part in (*self._sums.values(), *self._spans.values())) > self._most_rows:
            self._forget()
        return found

    def _fits(self, selections: Mapping[Selection, date | None], costs: Sequence[str], today: date) -> bool:
        """Whether what is known can be added to: it holds every cost and reaches back as far as is asked."""
        known = [(self._selections[one], first) for one, first in selections.items() if one in self._selections]
        reach = all(first is None or (since is not None and since <= first) for since, first in known)
        recent = self._today <= today < self._since + LOOK_BACK
        return set(costs) <= set(self._costs) and reach and recent and len(self._batches) < _MOST_BATCHES

    def _bring_up(
        self, frames: Frames, marks: Marks, selections: Mapping[Selection, date | None], reads: Reads
    ) -> None:
        before = self._marks
        new = {selection: first for selection, first in selections.items() if selection not in self._selections}
        old_periods = before.periods if before is not None else {}
        changed = {one for one, mark in marks.periods.items() if old_periods.get(one) != mark}
        gone = set(old_periods) - set(marks.periods)
        if before is not None and not new and not changed and not gone and before.scopes == marks.scopes:
            return
        fresh = self._choose(frames, marks, new, reads)
        touched = [self._sums.pop(one) for one in (*changed, *gone) if one in self._sums]
        for one in (*changed, *gone):
            self._spans.pop(one, None)
        kept = [one for one in marks.periods if one not in changed]
        read = self._read(frames, [fresh] if fresh else [], kept, reads)
        read += self._read(frames, self._batches, sorted(changed), reads)
        self._marks = marks
        self._patch([*touched, *read])

    def _choose(self, frames: Frames, marks: Marks, new: Mapping[Selection, date | None], reads: Reads) -> Batch | None:
        """New scopes for the known selections, then every scope for the new ones: the batch of these is returned."""
        if self._marks is not None and self._marks.scopes == marks.scopes and not new:
            return None
        asked = {**self._selections, **new}
        columns = sorted({"source"}.union(*(selection.columns for selection in asked)))
        with reads.of("scopes") as count:
            scopes = frames.fetch(frames.scopes().select("scope_id", *columns)).rename({"scope_id": "on"})
            count.rows = scopes.height
        with reads.of("conditions on distinct scopes") as count:
            later = scopes.filter(~pl.col("on").is_in(self._known.implode()))
            if later.height + self._known.len() != scopes.height:
                # scopes that were known are there no more: nothing that was chosen holds
                self._forget_chosen()
                later, new = scopes, asked
            elif self._selections and not later.is_empty():
                self._add(later, self._selections)
            self._known = scopes["on"]
            self._selections.update(new)
            fresh = self._add(scopes, new) if new else None
            count.rows = sum(one.tuples for batch in self._batches for one in batch.chosen.shared)
        return fresh

    def _forget_chosen(self) -> None:
        costs = self._costs
        self._forget()
        self._costs = costs

    def _add(self, scopes: pl.DataFrame, selections: Mapping[Selection, date | None]) -> Batch:
        batch = Batch.after(self._batches, assign(scopes, selections))
        self._batches.append(batch)
        places = np.full(batch.chosen.count, -1, np.int64)
        sources = []
        for number in batch.chosen.held.tolist():
            of = batch.chosen.named(number)
            group = self._groups.setdefault(of.selection, {}).setdefault(of.key, Group())
            group.targets.append(batch.base + number)
            group.sources.add(of.source)
            sources.append(of.source)
            place = self._places.setdefault((of.selection, of.key, of.part), len(self._places))
            if place == len(self._owners):
                self._owners.append((group, of.part))
            places[number] = place
        self._owner_of = np.concatenate([self._owner_of, places])
        named = {"target": batch.chosen.held + batch.base, "source": sources}
        self._sources = pl.concat([self._sources, pl.DataFrame(named, schema=_SOURCES)])
        return batch

    def _read(
        self, frames: Frames, batches: Sequence[Batch], partitions: Collection[Partition], reads: Reads
    ) -> list[pl.DataFrame]:
        """One read of the rollup for these partitions; they are kept, and returned."""
        firsts = [first for first in self._selections.values() if first is not None]
        if not batches or not partitions or not firsts:
            return []
        with reads.of("costs_daily", len(partitions)) as count:
            cells = of_partitions(frames.costs_daily(), partitions).filter(days_from(min(firsts)))
            sums = sum_cells(frames, cells, "scope_id", batches, self._costs, partitions, "costs_daily")
            count.rows = sums.height
        wanted, found = set(partitions), []
        split = sums.join(self._sources, on="target").partition_by(["source", "billing_period"], as_dict=True)
        for (source, period), part in split.items():
            assert isinstance(source, str)  # noqa: S101 - the types of the columns
            assert isinstance(period, date)  # noqa: S101 - as above
            if (source, period) in wanted:
                own = part.drop("source", "billing_period")
                found.append(own)
                known = self._sums.get((source, period))
                self._sums[source, period] = own if known is None else pl.concat([known, own])
        return found

    def _patch(self, touched: Sequence[pl.DataFrame]) -> None:
        """The days of groups that ``touched`` names are added up anew, from all that is kept."""
        if not touched:
            return
        cells = pl.concat([part.select("target", "day") for part in touched])
        if cells.is_empty():
            return
        first, last = cells["day"].min(), cells["day"].max()
        assert isinstance(first, date)  # noqa: S101 - not empty
        assert isinstance(last, date)  # noqa: S101 - as above
        owners = np.unique(self._owner_of[cells["target"].to_numpy()])
        asked = np.zeros(len(self._owners), bool)
        asked[owners] = True
        here = pl.concat([*self._sums.values(), touched[0].clear()]).filter(pl.col("day").is_between(first, last))
        owner = self._owner_of[here["target"].to_numpy()]
        of_asked = asked[owner]
        found = dict(sums_of(here.filter(pl.Series(of_asked)), owner[of_asked], self._costs))
        for place in owners.tolist():
            group, part = self._owners[place]
            for cost in self._costs:
                known = group.parts.get(cost, {}).get(part, NOTHING)
                new = found[place][cost] if place in found else NOTHING
                group.put(cost, part, replaced(known, first, last, new))

    def _see(self, frames: Frames, today: date, reads: Reads) -> None:
        """Which groups have a row within ``LOOK_BACK``: most show it by their own days, the others are looked up."""
        doubtful: list[Group] = []
        for groups in self._groups.values():
            for group in groups.values():
                group.seen = group.days_within(today - LOOK_BACK, today)
                if not group.seen:
                    doubtful.append(group)
        if not doubtful or self._marks is None:
            return
        self._look_up(frames, today, reads)
        seen = (
            pl.concat([*self._spans.values(), pl.DataFrame(schema=_SPANS)])
            .filter((pl.col("last") > today - LOOK_BACK) | (pl.col("next") <= today))["on"]
            .unique()
        )
        targets = {batch.base + target for batch in self._batches for target in batch.chosen.targets_of(seen)}
        for group in doubtful:
            group.seen = not targets.isdisjoint(group.targets)

    def _look_up(self, frames: Frames, today: date, reads: Reads) -> None:
        """``last``: the last day of each scope up to today, ``next``: the first after it; by partition, once."""
        assert self._marks is not None  # noqa: S101 - told by the caller
        missing = [one for one in self._marks.periods if one not in self._spans]
        if not missing:
            return
        with reads.of("costs_daily, days alone", len(missing)) as count:
            cells = of_partitions(frames.costs_daily(), missing).filter(days_from())
            past = nw.col("day") <= nw.lit(today)
            days = cells.select(
                "scope_id",
                "source",
                "billing_period",
                nw.when(past).then(nw.col("day")).alias("last"),
                nw.when(~past).then(nw.col("day")).alias("next"),
            )
            by = ("scope_id", "source", "billing_period")
            found = frames.fetch(days.group_by(*by).agg(nw.col("last").max(), nw.col("next").min()))
            count.rows = found.height
        split = found.rename({"scope_id": "on"}).partition_by(["source", "billing_period"], as_dict=True)
        for source, period in missing:
            part = split.get((source, period))
            self._spans[source, period] = part.select(list(_SPANS)) if part is not None else pl.DataFrame(schema=_SPANS)


_SOURCES = pl.Schema({"target": pl.Int64(), "source": pl.String()})
_SPANS = pl.Schema({"on": pl.Int64(), "last": pl.Date(), "next": pl.Date()})
