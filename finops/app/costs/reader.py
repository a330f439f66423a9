"""Questions as people type them -> reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from finops.app.collection.collectors import Freshness
from finops.app.costs.columns import column_of_rows, resolved
from finops.app.costs.query import CostQuery
from finops.app.costs.report import Summed, rows_of, totals_of, whole_of
from finops.app.costs.sums import Progress, needs_rows, rows_in, sources_with_rows, sum_costs
from finops.app.settings import SettingsReader
from finops.conditions import Condition, ConditionFaults, parse
from finops.errors import BadArguments, BrokenStore, NotFound
from finops.evaluate.cases.allocation import unknown_shares
from finops.lake.tables.failures import lake_failures
from finops.memo import Memo
from finops.model.columns import Columns, ColumnType
from finops.model.cost_question import ALLOCATED_COST, DEFAULT_COST, LONGEST, Conversion, CostQuestion, compared_period
from finops.model.cost_report import CostReport, Restated, SourceAge
from finops.model.data_version import DataVersion
from finops.model.period import Period, month_start
from finops.model.source_freshness import SourceFreshness, last_settled_day
from finops.ports.allocated import Allocated
from finops.ports.clock import Clock
from finops.ports.lake import Lake, LakeView
from finops.ports.lake_faults import LakeFaults

USUAL = timedelta(days=30)
MOST_COLUMNS = 6
_HISTORY = 500
"""Replacements of billing periods that are looked through for restatements."""
_MOST_RESTATED = 20
ROWS_A_SECOND = 1_000_000
"""Single rows that are summed in a second on two cores, until a question has shown how many they are here."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a question costs that the rollup cannot answer: ``rows`` to read, in about so many ``seconds``."""

    rows: int
    seconds: float

    @property
    def whole_seconds(self) -> int:
        return max(1, round(self.seconds))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was understood, over one data version. ``faults``: what of it must not be counted."""

    question: CostQuestion
    query: CostQuery
    version: DataVersion
    moment: datetime
    freshness: Sequence[SourceFreshness]
    faults: LakeFaults


@dataclass(frozen=True, slots=True)
class CostReader:
    """Counts what an evaluation counts: amounts that may lack rows are unknown, and a note names what is faulty."""

    lake: Lake
    freshness: Freshness
    columns: Columns
    settings: SettingsReader
    clock: Clock
    _faults: Memo[LakeFaults] = field(default_factory=Memo, repr=False)

    @property
    def groupable(self) -> Sequence[str]:
        """Configured dimensions, then other columns of the rollup, then those of single rows."""
        rollup = [name for name in self._rollup_columns() if name not in self.columns.dimensions]
        dimensions = self.settings.config.dimension_names
        return list(dict.fromkeys((*dimensions, *rollup, *sorted(self.columns.types))))

    def understand(
        self, question: CostQuestion, *, as_of: datetime | None = None, restriction: Condition | None = None
    ) -> Asked:
        """Checks what was typed and fixes the data version. Reads no row, lists the lake's files.

        ``restriction``: what the viewer may see. Raises ``BadArguments``, ``NotFound`` where the lake no longer holds
        what was known at ``as_of``.
        """
        config, now = self.settings.config, self.clock.now()
        moment = as_of.astimezone(UTC) if as_of is not None else now
        query = CostQuery(
            period=_period(question, now.astimezone(config.timezone).date()),
            by=self._by(question.by),
            costs=question.costs,
            condition=self._condition(question.scope),
            restriction=restriction,
            every=question.every,
            fiscal_year_starts=config.fiscal_year_starts,
            currency=config.currency if question.conversion is Conversion.CONVERTED else "",
        )
        freshness = self.freshness.read(at=moment if as_of is not None else None)
        version = self._version(as_of)
        return Asked(question, query, version, moment, freshness, self.faults(version))

    def faults(self, version: DataVersion) -> LakeFaults:
        """What of it must not be counted, looked up once a minute: a page asks for several reports."""
        minute = self.clock.now().replace(second=0, microsecond=0)
        return self._faults.of((version, minute), lambda: self.lake.faults(version))

    def estimate(self, asked: Asked) -> Estimate | None:
        """None: the rollup answers at once."""
        with lake_failures(self.lake.uri):
            view = self.lake.at(asked.version, without=asked.faults)
            if not needs_rows(view, asked.query):
                return None
            rows = sum(rows_in(view, period) for period in self._periods(asked))
        return Estimate(rows, rows / ROWS_A_SECOND)

    def report(self, asked: Asked, *, progress: Progress = lambda _done, _all: None) -> CostReport:
        """Raises ``BadArguments`` for too many sums, what the stores raise."""
        return self._over(asked, lambda own, view: self._report(own, view, progress))

    def report_moved(self, asked: Asked) -> CostReport:
        """Of what was allocated alone, which can be grouped by ``allocation`` and ``from`` too."""
        return self._over(asked, lambda own, view: self._report(own, view.allocated_alone(), lambda _done, _all: None))

    def allocated(self, asked: Asked) -> Allocated:
        """What the rules move, and what they cannot divide."""
        with lake_failures(self.lake.uri):
            return self.lake.at(asked.version, without=asked.faults).allocated().moved()

    def unknown_shares(self, asked: Asked, moved: Allocated) -> list[str]:
        """Of AllocatedCost: what stayed where it was, and why; whose costs nobody knows."""
        query, last = asked.query, asked.query.period.end - timedelta(days=1)
        told = unknown_shares(moved, query.period, last, amounts=query.restriction is None)
        return [f"{told[:1].upper()}{told[1:]}"] if told else []

    def _over(self, asked: Asked, make: Callable[[Asked, LakeView], CostReport]) -> CostReport:
        def made(own: Asked) -> CostReport:
            with lake_failures(self.lake.uri):
                return make(own, self.lake.at(own.version, without=own.faults))

        try:
            return made(asked)
        except BrokenStore:  # a file that has its size and cannot be read: which, only reading tells
            broken = self.lake.faults(asked.version, contents=True)
            if broken == asked.faults:
                raise
            return made(replace(asked, faults=broken))

    @property
    def of_moved(self) -> CostReader:
        """Understands questions for ``report_moved``."""
        types: dict[str, ColumnType] = {**self.columns.types, "allocation": "text", "from": "text"}
        return replace(self, columns=replace(self.columns, types=types))

    def mark(self, asked: Asked) -> list[object]:
        """What decides a report: where marks are equal, so are reports."""
        return [
            asked.version.to_json(),
            str(asked.query),
            asked.question.compare.value if asked.question.compare else "",
            self.settings.read().rates.digest,
            [[one.source, str(one.delivered_at), str(one.complete_through)] for one in asked.freshness],
            [str(day) for day in self.settled_days(asked).values()],
            asked.faults.sentences,
        ]

    def settled_through(self, asked: Asked, sources: Sequence[str]) -> date | None:
        """The last settled day of all of ``sources``; None where one of them has none."""
        days = [day for name, day in self.settled_days(asked).items() if name in sources]
        return min(day for day in days if day is not None) if days and all(days) else None

    def settled_days(self, asked: Asked) -> Mapping[str, date | None]:
        """Source -> its last settled day, None where there is none."""
        config = self.settings.config
        settled = {one.source: one.settled_until(asked.moment, config.settling) for one in asked.freshness}
        return {
            name: last_settled_day(until.astimezone(config.timezone)) if until else None
            for name, until in settled.items()
        }

    def _report(self, asked: Asked, view: LakeView, progress: Progress) -> CostReport:
        query, rates = asked.query, self.settings.read().rates
        reach = self._reach(asked)
        now = Summed(query, sum_costs(view, query, self.columns, rates, progress=progress), reach=reach)
        then = None
        if asked.question.compare is not None:
            first, last = _known_days(view)
            period = compared_period(self._elapsed(asked, last), asked.question.compare)
            compared = replace(query, period=period)
            then = Summed(compared, sum_costs(view, compared, self.columns, rates, progress=progress), first, reach)
        settled = self.settled_through(asked, now.sums.sources)
        ages = [one for one in asked.freshness if one.source in now.sums.sources]
        return CostReport(
            question=asked.question,
            period=query.period,
            compared_period=then.query.period if then is not None else None,
            by=query.by,
            currency=query.currency,
            rows=rows_of(now, then, settled),
            totals=totals_of(now, then),
            whole=whole_of(now, then),
            settled_through=settled,
            sources=tuple(SourceAge(one.source, one.delivered_at, one.complete_through) for one in ages),
            version=asked.version,
            from_rows=now.sums.from_rows,
            drillable=all(self.columns.types.get(name, "text") == "text" for name in query.by),
            restated=self._restated(asked, now.sums.sources),
            notes=tuple(self._notes(asked, now, then, ages, view)),
            unreached=now.unreached,
        )

    def _reach(self, asked: Asked) -> date | None:
        """The first day that no source has delivered anything of; None where none ever delivered."""
        zone = self.settings.config.timezone
        reached = [one.complete_through for one in asked.freshness if one.complete_through is not None]
        return _last_day_before(max(reached), zone) + timedelta(days=1) if reached else None

    def _elapsed(self, asked: Asked, last: date | None) -> Period:
        """The days of the period that bills reach, so that a partial month is compared with the same days."""
        period, zone = asked.query.period, self.settings.config.timezone
        reached = [
            _day_of(one.complete_through, zone) for one in asked.freshness if one.complete_through is not None
        ] or ([last + timedelta(days=1)] if last is not None else [])
        end = min(period.end, max(reached, default=period.end))
        return Period(period.start, end) if end > period.start else period

    def _notes(
        self, asked: Asked, now: Summed, then: Summed | None, ages: Sequence[SourceFreshness], view: LakeView
    ) -> list[str]:
        query, sums = asked.query, now.sums
        told = [f"Amounts with costs of {name} are unknown: {why}" for name, why in sums.doubted.items()]
        if now.unreached and now.reach is not None:
            told.append(f"No cost of {query.period} yet: data reach {now.reach - timedelta(days=1)}")
        for one in (sums, *((then.sums,) if then is not None else ())):
            for own, day in sorted(one.unconverted.items()):
                told.append(
                    f"No exchange rate from {own or 'no currency'} to {query.currency} for {day}: amounts unknown"
                )
        if any(None in one.amounts for one in sums.sums) and not sums.unconverted and not sums.doubted:
            told.append(f"Some rows have no {' or '.join(query.costs)}: the amounts with them are unknown")
        if ALLOCATED_COST in query.costs:
            told += self.unknown_shares(asked, view.allocated().moved())
        if then is not None and then.first is not None and then.query.period.start < then.first:
            told.append(f"Bills begin on {then.first}: the period compared with is not complete")
        for one in self._silent(asked, view):
            told.append(f"{one} has never delivered a row: its costs are missing")
        zone = self.settings.config.timezone
        reached = {one.source: _day_of(one.complete_through, zone) for one in ages if one.complete_through is not None}
        newest = max(reached.values(), default=query.period.end)
        for source, through in reached.items():
            if through < min(newest, query.period.end):
                told.append(f"The bills of {source} reach {through - timedelta(days=1)}: later days lack its costs")
        return list(dict.fromkeys(told))

    def _silent(self, asked: Asked, view: LakeView) -> list[str]:
        """Configured sources without a row in the lake whose rows could match."""
        names = [one.source for one in asked.freshness if one.complete_through is None]
        if not names:
            return []
        known = sources_with_rows(view)
        return [name for name in names if name not in known and asked.query.may_hold(name)]

    def _restated(self, asked: Asked, sources: Sequence[str]) -> tuple[Restated, ...]:
        """Deliveries up to the version asked for that changed a billing month of the period, newest first."""
        period, first = asked.query.period, asked.query.costs[0]
        cost = DEFAULT_COST if first == ALLOCATED_COST else first
        found = []
        for change in self.lake.history(limit=_HISTORY):
            amounts = {currency: sums[cost] for currency, sums in change.restated.items() if sums.get(cost)}
            touched = change.billing_period < period.end and month_start(change.billing_period, 1) > period.start
            known = asked.version.costs is not None and change.costs_version <= asked.version.costs
            if amounts and touched and known and change.source in sources:
                found.append(Restated(change.source, change.billing_period, change.at, amounts))
        return tuple(found[:_MOST_RESTATED])

    def _periods(self, asked: Asked) -> list[Period]:
        compare = asked.question.compare
        period = asked.query.period
        return [period, *((compared_period(period, compare),) if compare is not None else ())]

    def _by(self, names: Sequence[str]) -> tuple[str, ...]:
        if len(names) > MOST_COLUMNS:
            raise BadArguments(f"{len(names)} columns", where="by", remedy=f"Name at most {MOST_COLUMNS}")
        known = self._rollup_columns()
        by = tuple(resolved(name, self.columns) for name in names)
        for name in by:
            if name not in known:
                column_of_rows(name, self.columns, where="by")
        if len(set(by)) < len(by):
            raise BadArguments("a column is listed twice", where="by", remedy="List each column once")
        return by

    def _rollup_columns(self) -> list[str]:
        names = self.lake.at(DataVersion()).scopes().collect_schema().names()
        return [name for name in names if name != "scope_id"]

    def _condition(self, text: str) -> Condition | None:
        if not text.strip():
            return None
        try:
            return parse(text, self.columns)
        except ConditionFaults as faults:
            first, *others = faults.faults
            said = [f"character {first.offset + 1}: {first.message}"]
            said += [f"character {one.offset + 1}: {one.message}. {one.hint}" for one in others]
            raise BadArguments("; ".join(said), where="scope", remedy=first.hint) from faults

    def _version(self, as_of: datetime | None) -> DataVersion:
        if as_of is None:
            return self.lake.version()
        [version] = self.lake.known_at([as_of.astimezone(UTC)])
        if version is None:
            raise NotFound(
                "The lake no longer holds data of that time",
                where="as_of",
                remedy="audit: in finops.yaml sets how long versions are kept",
            )
        return version


def _period(question: CostQuestion, today: date) -> Period:
    """Raises ``BadArguments``."""
    if question.end is not None:
        end = question.end
    else:
        end = today + timedelta(days=1)
        if question.start is not None and question.start > today:
            end = question.start + USUAL
    start = question.start if question.start is not None else end - USUAL
    if end <= start:
        raise BadArguments(
            f"the period from {start} to {end} ends before it starts", where="to", remedy="'to' is an exclusive end"
        )
    if end - start > LONGEST:
        raise BadArguments(
            f"the period is longer than {LONGEST.days} days", where="from", remedy="Request a shorter period"
        )
    return Period(start, end)


def _known_days(view: LakeView) -> tuple[date | None, date | None]:
    found = view.costs_daily().select(first=pl.col("day").min(), last=pl.col("day").max()).collect()
    first, last = found.row(0)
    return first, last


def _last_day_before(moment: datetime, zone: ZoneInfo) -> date:
    return (moment.astimezone(zone) - timedelta(microseconds=1)).date()


def _day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The exclusive end of whole days up to ``moment``."""
    return moment.astimezone(zone).date()
