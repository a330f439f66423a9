"""The open tables that hold every bill and every demand series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

import polars as pl

from finops.errors import FinopsError
from finops.model.completeness import Completeness
from finops.model.data_version import DataVersion
from finops.model.quality import Quality
from finops.ports.allocated import Allocated
from finops.ports.engine import Engine
from finops.ports.lake_faults import NO_FAULTS, LakeFaults
from finops.ports.records import NewRecords

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
"""FOCUS's four costs, all in BillingCurrency."""

QUANTITIES = ("ConsumedQuantity", "PricingQuantity", "CommitmentDiscountQuantity", "x_AiTokens")
"""Quantities that are summed over days, and so are spread like the costs."""

MAY_BE_UNKNOWN = ("ListCost", "ContractedCost")
"""Costs that some sources do not know: null then, which is not nothing."""

Sums = Mapping[str, Mapping[str, Decimal]]
"""currency -> cost column -> sum."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the lake holds of one (source, billing period). ``unknown_costs``: see ``LakeView``. ``quality``: as counted
    when it was collected, None where it was not. ``repaired``: in the whole delivery that it came with.

    How far a source reaches is ``finops.model.completeness.reach`` of all its periods.
    """

    billing_period: date
    digest: str
    rows: int
    sums: Sums
    run_id: str
    written_at: datetime
    costs_version: int
    completeness: Completeness
    manifest: Mapping[str, object] = field(default_factory=dict)
    estimated_from: date | None = None
    unknown_costs: Mapping[str, int] = field(default_factory=dict)
    quality: Quality | None = None
    repaired: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """What conforming did to a delivery: repaired values by column and kind (``{"ChargeFrequency: casing": 7}``).

    ``quality``: what its rows are like, by billing period.
    """

    rows: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    quality: Mapping[date, Quality] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Conformed rows that are about to replace whole billing periods of one source.

    ``rows``: FOCUS columns of the newest version plus ``x_`` columns plus ``billing_period`` (Date); it streams, and is
    consumed once. ``periods``: each billing period to replace and its digest; a row of another period is a bug and
    raises. ``verify`` is called after the rows were written aside and before they are committed: it returns the tally,
    or raises ``RefusedBatch``, and then nothing is committed. ``explain`` is for when streaming the rows itself failed:
    it reads the parts one by one and returns the error that names the one that cannot be read, or None.
    ``estimated_from``: billing period -> the first UTC day that the provider itself calls an estimate, where it does.
    ``absent``: columns of ``rows`` that no part has, so that they are null in every row and need not be stored.
    ``pieces``: the same rows as deliveries that are made elsewhere, one a part, all with the same columns; none where a
    delivery cannot be divided.
    """

    source: str
    rows: pl.LazyFrame
    periods: Mapping[date, str]
    manifests: Mapping[date, Mapping[str, object]]
    verify: Callable[[], Tally]
    explain: Callable[[], FinopsError | None] | None = None
    estimated_from: Mapping[date, date] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    pieces: Sequence[Callable[[], Delivery]] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a delivery did to one billing period. ``restated``: new sums minus old ones; empty for a first delivery."""

    billing_period: date
    rows: int
    sums: Sums
    restated: Sums
    complete_through: datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of ``Lake.replace``: ``costs_version`` is None when nothing had to be written."""

    costs_version: int | None
    replacements: tuple[Replacement, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Run:
    """Who writes: goes into the commit's metadata. ``check``: called right before each commit; it raises for a run that
    was given up meanwhile, and then nothing is committed."""

    id: str
    started_at: datetime
    check: Callable[[], None] = lambda: None


class DimensionColumns(Protocol):
    """Configured dimensions as expressions over conformed rows. ``digest`` changes with their definition."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def digest(self) -> str: ...

    @property
    def required_columns(self) -> frozenset[str]: ...

    def expressions(self) -> Sequence[pl.Expr]:
        """One String expression a dimension, aliased to its name; over FOCUS columns, Tags being JSON text."""
        ...


class Piece(Protocol):
    """Some rows of one table at one data version. It can be pickled, and read on another machine."""

    def costs_daily(self) -> pl.LazyFrame:
        """As ``LakeView.costs_daily``, of a piece of that table."""
        ...

    def costs_by_day(self) -> pl.LazyFrame:
        """As ``LakeView.costs_by_day``, of a piece of ``costs``."""
        ...


Divisible = Literal["costs_daily", "costs"]
"""The tables that grow with the bills."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells whether rows are the same in two views of a lake: where marks are equal, they are.

    ``scopes``: of all scopes. ``periods``: (source, billing period) -> of what ``costs`` and ``costs_daily`` hold of
    it; every one that has rows.
    """

    scopes: str
    periods: Mapping[tuple[str, date], str]


class LakeView(Protocol):
    """The tables at one data version; all frames are lazy and agree with one another."""

    @property
    def faults(self) -> LakeFaults:
        """What the frames leave out: rows and sums of these sources, these series."""
        ...

    @property
    def version(self) -> DataVersion: ...

    @property
    def engine(self) -> Engine | None:
        """Where the large tables are read and added up; None: here."""
        ...

    def marks(self) -> Marks:
        """Reads the tables' logs, no row."""
        ...

    def allocated(self) -> LakeView:
        """The same version with shared costs moved to those who use what they pay for: its EffectiveCost is
        AllocatedCost."""
        ...

    def allocated_alone(self) -> LakeView:
        """What ``allocated`` moves, without the bills: received costs are positive, those given away negative. Single
        rows have ``allocation`` and ``from``."""
        ...

    def moved(self) -> Allocated:
        """What makes this view differ from the bills: nothing, unless it is ``allocated``."""
        ...

    def unknown_costs(self) -> Mapping[tuple[str, date], Mapping[str, int]]:
        """(source, billing period) -> cost column -> number of charges without this cost. Reads logs, no rows."""
        ...

    def scopes(self) -> pl.LazyFrame:
        """``scope_id`` (Int64, stable), ``source``, low-cardinality FOCUS columns, and the dimensions."""
        ...

    def costs_daily(self) -> pl.LazyFrame:
        """``scope_id``, ``day`` (Date), ``currency``, ``billing_period`` (Date), the four costs, ``rows`` (Int64)."""
        ...

    def costs(self) -> pl.LazyFrame:
        """Every row whole: FOCUS columns, ``x_`` columns, ``source``, ``billing_period``."""
        ...

    def costs_by_day(self) -> pl.LazyFrame:
        """Rows of ``costs`` with configured dimensions and ``day``, spread over their days as in ``costs_daily``."""
        ...

    def pieces(self, table: Divisible, *, fewest: int, most: int) -> Sequence[Piece]:
        """``fewest`` (if there are enough files) to ``most`` pieces of similar size that cover ``table`` once."""
        ...

    def emissions(self) -> pl.LazyFrame:
        """``source``, ``day`` (Date), ``grams`` (Decimal(38, 15)) of CO2e, FOCUS labels, Tags, the dimensions."""
        ...

    def demand(self) -> pl.LazyFrame:
        """``name``, ``day`` (Date), ``value`` (Decimal(38, 15)), ``unit``, ``dimensions`` (JSON text, or ``{}``)."""
        ...

    def commitments(self) -> pl.LazyFrame:
        """What was agreed: ``finops.ports.records.COMMITMENTS_SCHEMA`` and the dimensions."""
        ...

    def invoices(self) -> pl.LazyFrame:
        """What was invoiced: ``finops.ports.records.INVOICES_SCHEMA``."""
        ...


@dataclass(frozen=True, slots=True)
class TableStatus:
    name: str
    version: int
    rows: int
    files: int
    size_bytes: int
    oldest_version_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the lake's history: a replacement of one (source, billing period)."""

    at: datetime
    costs_version: int
    run_id: str
    source: str
    billing_period: date
    rows: int
    sums: Sums
    restated: Sums


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A (source, billing period) whose rollup or row sums differ from what its commit says."""

    source: str
    billing_period: date
    what: str


@dataclass(frozen=True, slots=True)
class NewSeries:
    """A demand series (frame of ``DemandDelivery``) or the emissions of a source (frame of ``EmissionsDelivery``)."""

    name: str
    frame: pl.DataFrame
    digest: str
    unit: str = ""


class Lake(Protocol):
    @property
    def uri(self) -> str:
        """Where it is, for errors."""
        ...

    def known(self, source: str) -> Mapping[date, Known]: ...

    def sound(self, source: str) -> Mapping[date, Known]:
        """As ``known``, for a collection: a billing period that is not as finops wrote it has no digest, so that it is
        collected again. Lists the files of ``costs``."""
        ...

    def known_before(self, source: str) -> Mapping[date, Known]:
        """As ``known``, before the newest delivery of ``source``."""
        ...

    def row_counts(self) -> Mapping[str, int]:
        """source -> the rows that are in the lake of it. Cheap to ask again and again: it is counted once a version."""
        ...

    def replace(self, delivery: Delivery, run: Run) -> Written:
        """Replaces the delivery's periods in one commit of ``costs`` and brings the rollup to it.

        A period whose digest is already there is left alone. Raises what ``verify`` raises, ``LakeConflict`` after
        too many lost races, ``Unreachable`` or ``AccessDenied`` from the object store.
        """
        ...

    def demand_digest(self, name: str) -> str | None: ...

    def replace_demand(self, series: Sequence[NewSeries], run: Run) -> int | None:
        """Replaces whole series, all in one commit. The table's new version; None if all digests are known already."""
        ...

    def emissions_digest(self, name: str) -> str | None: ...

    def replace_emissions(self, series: Sequence[NewSeries], run: Run) -> int | None:
        """Replaces all emissions of these sources, as ``replace_demand`` does."""
        ...

    def record_digests(self, source: str) -> Mapping[tuple[str, str], str]:
        """(table, dataset) -> the digest of what ``commitments`` and ``invoices`` hold of it."""
        ...

    def replace_records(self, source: str, records: Sequence[NewRecords], run: Run) -> Sequence[NewRecords]:
        """Replaces all rows of these datasets of ``source``, and derives what its costs say, in one commit a table.

        Returns those of ``records`` that were not there with their digest.
        """
        ...

    def heal(self) -> Sequence[str]:
        """Brings what is derived to the newest costs after a crash or a change of dimensions; says what it did.

        Billing periods with a lost or changed file, or with rows that another program added, are left out until they
        are repaired. Raises ``BrokenStore`` or ``NotFound``, with the table, the file and what repairs it, where
        nothing can be read.
        """
        ...

    def faults(self, version: DataVersion, *, contents: bool = False) -> LakeFaults:
        """Files that are lost or were changed, and rows of ``costs`` that another program added. Lists files; reads
        them with ``contents`` only. Raises ``BrokenStore`` where a file of ``scopes`` is lost: then nothing can be
        counted."""
        ...

    def rebuild(self, progress: Callable[[int, int], None]) -> str:
        """Makes everything that can be derived from ``costs`` anew, whatever state it is in; says what it did.

        ``progress``: called with the billing periods that are done, and all of them.
        """
        ...

    def version(self) -> DataVersion:
        """The newest versions that belong together."""
        ...

    def known_at(self, moments: Sequence[datetime]) -> Sequence[DataVersion | None]:
        """The versions that were the newest at each moment; None where the history does not reach back so far, or was
        written with other dimensions or days than those of now."""
        ...

    def at(self, version: DataVersion, *, without: LakeFaults = NO_FAULTS) -> LakeView:
        """``without``: what is left out; else a lost file is an error once it is read."""
        ...

    def history(self, *, limit: int | None = None) -> Sequence[Change]:
        """Newest first."""
        ...

    def status(self) -> Sequence[TableStatus]: ...

    def reconcile(self) -> Sequence[Mismatch]:
        """Recounts every (source, billing period): rows and sums of both cost tables against the commit."""
        ...

    def compact(self) -> Sequence[str]: ...

    def vacuum(self, *, keep: timedelta) -> Sequence[str]:
        """Removes files that no version younger than ``keep`` needs; never less than the configured audit time."""
        ...
