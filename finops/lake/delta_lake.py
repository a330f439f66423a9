"""The lake as the rest of the program sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from finops.allocate import NO_RULES, Rules
from finops.errors import BadArguments, BrokenStore
from finops.lake.maintenance.compact import compact
from finops.lake.maintenance.rebuild import rebuild
from finops.lake.maintenance.reconcile import reconcile
from finops.lake.maintenance.vacuum import vacuum
from finops.lake.read.history import history, status
from finops.lake.read.versions_at import versions_at
from finops.lake.read.view import View
from finops.lake.rollup.emissions import emissions_rows
from finops.lake.tables.columns import COSTS_PARTITIONS, DEMAND_SCHEMA, EMISSIONS_SCHEMA, RECORD_PARTITIONS
from finops.lake.tables.demand import demand_rows
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.ledger import known_periods, latest, row_counts
from finops.lake.tables.memory_limits import MemoryLimits
from finops.lake.tables.soundness import check_files, find_faults, lost_series, to_deliver, undamaged
from finops.lake.tables.table import Table
from finops.lake.write.allocated import AllocatedTables
from finops.lake.write.records import RecordsWriter
from finops.lake.write.replace import replace_periods
from finops.lake.write.rollup import Rollup
from finops.lake.write.series import SeriesWriter, StagedSeries, series_digests
from finops.model.data_version import DataVersion
from finops.objectstore.location import Location
from finops.ports.allocated import Allocated
from finops.ports.clock import Clock
from finops.ports.engine import Engine
from finops.ports.lake import (
    Change,
    Delivery,
    DimensionColumns,
    Known,
    LakeView,
    Mismatch,
    NewSeries,
    Run,
    TableStatus,
    Written,
)
from finops.ports.lake_faults import NO_FAULTS, LakeFaults
from finops.ports.records import NewRecords

AUDIT = timedelta(days=400)
_BUDGET = MemoryLimits()


class DeltaLake:
    """``finops.ports.lake.Lake`` over Delta tables at ``<location>/<name>``. Construction does no I/O.

    Any number of processes may write at once. Raises ``AccessDenied``, ``NotFound``, ``Unreachable``, ``Throttled``,
    ``BrokenStore`` from the store, ``LakeConflict`` after too many lost races.
    """

    def __init__(
        self,
        location: Location,
        *,
        dimensions: DimensionColumns,
        timezone: ZoneInfo,
        audit: timedelta = AUDIT,
        clock: Clock,
        engine: Engine | None = None,
        budget: MemoryLimits = _BUDGET,
        allocations: Rules = NO_RULES,
    ) -> None:
        self.uri = location.uri

        def table(name: str, *partition_by: str) -> Table:
            return Table(location, name, partition_by=partition_by, audit=audit, clock=clock)

        self._costs = table("costs", *COSTS_PARTITIONS)
        self._scopes = table("scopes")
        self._daily = table("costs_daily", *COSTS_PARTITIONS)
        self._demand = table("demand", "name")
        self._emissions = table("emissions", "name")
        self._commitments = table("commitments", *RECORD_PARTITIONS)
        self._invoices = table("invoices", *RECORD_PARTITIONS)
        self._beside = (self._demand, self._emissions, self._commitments, self._invoices)
        self._records = RecordsWriter(self._costs, self._commitments, self._invoices)
        self._demand_writer = SeriesWriter(self._demand, DEMAND_SCHEMA)
        self._emissions_writer = SeriesWriter(self._emissions, EMISSIONS_SCHEMA)
        self._rollup = Rollup(self._costs, self._scopes, self._daily, dimensions, timezone, budget, engine)
        self._dimensions = dimensions
        self._timezone = timezone
        self._allocations = allocations
        self._allocated = AllocatedTables(
            table("costs_allocated", *COSTS_PARTITIONS), table("scopes_allocated"), dimensions.names
        )
        self._engine = engine
        self._audit = audit
        self._clock = clock
        self._counted: tuple[int, Mapping[str, int]] | None = None
        self._turn = threading.Lock()

    def known(self, source: str) -> Mapping[date, Known]:
        read = self._costs.open()
        return known_periods(self._costs, read.version(), source) if read else {}

    def sound(self, source: str) -> Mapping[date, Known]:
        read = self._costs.open()
        return to_deliver(self._costs, read, source) if read else {}

    def known_before(self, source: str) -> Mapping[date, Known]:
        read = self._costs.open()
        newest = latest(self._costs, read.version()).get(source, 0) if read else 0
        return known_periods(self._costs, newest - 1, source) if newest else {}

    def row_counts(self) -> Mapping[str, int]:
        read = self._costs.open()
        if read is None:
            return {}
        counted = self._counted  # one reference: another thread may put a newer one there
        if counted is None or counted[0] != read.version():
            self._counted = counted = (read.version(), row_counts(self._costs, read.version()))
        return counted[1]

    def replace(self, delivery: Delivery, run: Run) -> Written:
        with ExitStack() as stack:
            # from here to there alone: rows stream side by side, and no thread rolls up what another one just brought
            taking_turns = partial(stack.enter_context, self._turn)
            written, fresh = replace_periods(self._rollup, delivery, run, before_commit=taking_turns)
            self._rollup.catch_up(fresh)
        return written

    def demand_digest(self, name: str) -> str | None:
        return _digest(self._demand, name)

    def replace_demand(self, series: Sequence[NewSeries], run: Run) -> int | None:
        staged = [StagedSeries(one.name, demand_rows(one.name, one.frame, one.unit), one.digest) for one in series]
        return self._demand_writer.replace(staged, run)

    def emissions_digest(self, name: str) -> str | None:
        return _digest(self._emissions, name)

    def replace_emissions(self, series: Sequence[NewSeries], run: Run) -> int | None:
        staged = [StagedSeries(one.name, emissions_rows(one.name, one.frame), one.digest) for one in series]
        return self._emissions_writer.replace(staged, run)

    def record_digests(self, source: str) -> Mapping[tuple[str, str], str]:
        return self._records.digests(source)

    def replace_records(self, source: str, records: Sequence[NewRecords], run: Run) -> Sequence[NewRecords]:
        with self._turn:
            return self._records.replace(source, records, run)

    def heal(self) -> Sequence[str]:
        with self._turn:
            done = self._rollup.catch_up()
            return [*done, *self._records.catch_up(self._own_run("heal")), *self._write_allocated("heal")]

    def _write_allocated(self, what: str, *, anew: bool = False) -> list[str]:
        """Brings ``costs_allocated`` to the newest costs, demand and rules; says what it did.

        Where some of these cannot be read it stays as it is until they are repaired: who counts them names what is
        lost.
        """
        version = self.version()
        if version.costs_daily is None:
            return []
        made_from = {"rules": self._allocations.digest(), **version.to_json()}
        moved = partial(self._moved, version)
        return self._allocated.catch_up(moved, made_from, self._own_run(what), anew=anew)

    def _moved(self, version: DataVersion) -> Allocated | None:
        """None where a file that it is made of is lost or was changed."""
        try:
            faults = self.faults(version)
            if faults.sources or faults.demand:
                return None
            with lake_failures(self.uri):
                return self.at(version).allocated().moved()
        except BrokenStore:
            return None

    def faults(self, version: DataVersion, *, contents: bool = False) -> LakeFaults:
        if version.scopes is not None and (read := self._scopes.open(version.scopes)) is not None:
            check_files(self._scopes, read)
        versions = version.to_json()
        beside = {table.name: (table, versions[table.name]) for table in self._beside}
        of_bills = (self._costs, version.costs), (self._daily, version.costs_daily)
        return find_faults(*of_bills, beside, contents=contents)

    def rebuild(self, progress: Callable[[int, int], None]) -> str:
        with self._turn:
            done = rebuild(self._rollup, progress)
            said = [done, self._records.rebuild(self._own_run("rebuild")), *self._write_allocated("rebuild", anew=True)]
            return "; ".join(filter(None, said))

    def _own_run(self, what: str) -> Run:
        return Run(what, self._clock.now())

    def version(self) -> DataVersion:
        daily = self._daily.open()
        mark = self._rollup.mark(daily)
        beside = {table.name: read.version() for table in self._beside if (read := undamaged(table)) is not None}
        if daily is None or mark is None:
            return DataVersion(**beside)
        return DataVersion(mark["costs_version"], mark["scopes_version"], daily.version(), **beside)

    def known_at(self, moments: Sequence[datetime]) -> Sequence[DataVersion | None]:
        return versions_at(self._rollup, self._beside, moments)

    def at(self, version: DataVersion, *, without: LakeFaults = NO_FAULTS) -> LakeView:
        tables = (self._costs, self._scopes, self._daily, *self._beside)
        return View(version, tables, self._dimensions, self._timezone, self._engine, without, self._allocations)

    def history(self, *, limit: int | None = None) -> Sequence[Change]:
        return history(self._costs, limit=limit)

    def status(self) -> Sequence[TableStatus]:
        return status((self._costs, self._scopes, self._daily, *self._beside, *self._allocated.tables))

    def reconcile(self) -> Sequence[Mismatch]:
        return reconcile(self._rollup)

    def compact(self) -> Sequence[str]:
        return compact(self._rollup, (*self._beside, *self._allocated.existing()))

    def vacuum(self, *, keep: timedelta) -> Sequence[str]:
        """See the port. Raises ``BadArguments`` when ``keep`` is shorter than the audit time."""
        if keep < self._audit:
            raise BadArguments(
                f"{keep.days} days are fewer than the {self._audit.days} days that are kept for audits",
                where="lake vacuum",
                remedy="Keep more, or lower audit: in finops.yaml",
            )
        return vacuum(self._rollup, (*self._beside, *self._allocated.existing()), keep=keep, now=self._clock.now())


def _digest(table: Table, name: str) -> str | None:
    read = table.open()
    if read is None or name in lost_series(table, read):
        return None
    return series_digests(table, read.version()).get(name)
