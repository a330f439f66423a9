"""One batch of raw rows -> conformed rows; what was seen goes to the part's observations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from finops.focus.ai import ai_columns
from finops.focus.observations import BatchNotes, Observations
from finops.focus.repair.repairer import Repairer
from finops.focus.rules import count_violations
from finops.focus.schema import REQUIRED
from finops.model.billing_period import periods_of
from finops.ports.lake import MAY_BE_UNKNOWN

BATCH_ROW = "\0row"
"""Name of the column with the part's own row numbers, from 0: no bill has a column of this name."""

_START = "BillingPeriodStart"
_FALLING = (("ContractedCost", "ListCost"), ("EffectiveCost", "ContractedCost"))
_ROUNDED = Decimal("1e-9")
"""Providers round each cost by itself, at ten digits or so."""

_PERIODS = ((_START, "BillingPeriodEnd"), ("ChargePeriodStart", "ChargePeriodEnd"))


class BatchConformer:
    """Called by the streaming engine on several threads at once, with batches of some thousand rows.

    A batch with a fault gives no rows: the delivery is refused as a whole, and nothing after it needs to be written.
    """

    def __init__(
        self,
        repairers: Mapping[str, Repairer],
        schema: Mapping[str, pl.DataType],
        periods: Collection[date] | None,
        observations: Observations,
        *,
        only: date | None = None,
    ) -> None:
        """``repairers``: raw column -> repairer; ``schema``: of conformed rows; ``only``: the one period."""
        self._repairers = repairers
        self._raw_name = {repairer.column: name for name, repairer in repairers.items()}
        self._schema = pl.Schema(schema)
        self._periods = None if periods is None else sorted(periods)
        self._only = only
        self._observations = observations
        probes = [(name, repairer.probe(pl.col(name))) for name, repairer in repairers.items()]
        self._probes = [probe.alias(name) for name, probe in probes if probe is not None]
        self._nulls = {name: pl.Series(name, [None], dtype=dtype) for name, dtype in schema.items()}

    def __call__(self, raw: pl.DataFrame) -> pl.DataFrame:
        notes = BatchNotes(raw[BATCH_ROW])
        if raw[self._raw_name["BilledCost"]].null_count():
            raw = _without_blank_lines(raw, notes)
        if self._periods is not None and self._only is None:
            raw = self._offered(raw, self._periods)
        notes.row_numbers = raw[BATCH_ROW]
        closely = raw.select(self._probes).row(0, named=True)
        repaired = {
            repairer.column: repairer.repair(raw[name], notes, closely=closely.get(name, True))
            for name, repairer in self._repairers.items()
        }
        _check(repaired, {name: raw[of] for name, of in self._raw_name.items()}, notes)
        if self._only is not None:
            _check_period(repaired[_START], raw[self._raw_name[_START]], self._only, notes)
        self._observations.add(notes, raw.height)
        if self._observations.fault is not None:
            return pl.DataFrame(schema=self._schema)
        rows = pl.DataFrame(list(self._columns({**repaired, **ai_columns(repaired)}, raw.height)))
        self._observations.add_quality(count_violations(rows))
        return rows

    def _offered(self, raw: pl.DataFrame, periods: list[date]) -> pl.DataFrame:
        """The rows of the offered periods, and those whose period cannot be read."""
        name = self._raw_name[_START]
        starts = self._repairers[name].repair(raw[name], BatchNotes(raw[BATCH_ROW]), closely=True)
        offered = periods_of(starts).is_in(periods) | starts.is_null()
        return raw if offered.all() else raw.filter(offered)

    def _columns(self, repaired: Mapping[str, pl.Series], height: int) -> Iterator[pl.Series]:
        for name in self._schema:
            if name == "billing_period":
                yield periods_of(repaired[_START]).alias(name)
            elif name in repaired:
                yield repaired[name].alias(name)
            else:
                yield self._nulls[name].new_from_index(0, height)


def _without_blank_lines(raw: pl.DataFrame, notes: BatchNotes) -> pl.DataFrame:
    """A blank line of a CSV file comes as a row of nulls."""
    blank_line = raw.select(pl.all_horizontal(pl.exclude(BATCH_ROW).is_null())).to_series()
    notes.repair("row", "blank line", blank_line)
    return raw.filter(~blank_line)


def _check(repaired: Mapping[str, pl.Series], raw: Mapping[str, pl.Series], notes: BatchNotes) -> None:
    """What no single column shows: needed values that are missing, periods that do not end after their start."""
    already = {fault.column for fault in notes.faults}
    for name in REQUIRED:
        if name not in already and repaired[name].null_count():
            notes.fault(name, repaired[name].is_null(), raw[name], _missing, "Add one to each row")
    for start, end in _PERIODS:
        backwards = repaired[end] <= repaired[start]
        if backwards.any():
            said = _not_after(raw[start].filter(backwards)[0])
            notes.fault(end, backwards, raw[end], said, "A period ends after it starts, and its end is exclusive")
    for name in MAY_BE_UNKNOWN:
        if name in repaired:
            notes.note(name, "is missing, left null", repaired[name].null_count())
    for lower, higher in _FALLING:
        if lower in repaired and higher in repaired:
            notes.note(lower, f"is above {higher} in ordinary usage", _is_above(repaired, lower, higher))


def _is_above(repaired: Mapping[str, pl.Series], lower: str, higher: str) -> pl.Series:
    """Where a discount raises the cost of usage; corrections, refunds and what was not used may do so."""
    above = (repaired[lower] - repaired[higher] > _ROUNDED) & (repaired[higher] >= 0)
    if not above.any():
        return above
    ordinary = above & (repaired["ChargeCategory"] == "Usage")
    for name in ("ChargeClass", "CommitmentDiscountStatus"):
        if name in repaired:
            ordinary &= ~repaired[name].is_in(["Correction", "Unused"]).fill_null(value=False)
    return ordinary


def _missing(value: str) -> str:
    return f"the value is missing ('{value}')" if value else "the value is missing"


def _check_period(starts: pl.Series, raw: pl.Series, only: date, notes: BatchNotes) -> None:
    foreign = periods_of(starts) != only
    if foreign.any():
        remedy = "Export the bill again: a row outside every billing period would be lost"
        notes.fault(_START, foreign, raw, lambda value: f"'{value}' is not in the part's period, {only:%Y-%m}", remedy)


def _not_after(start: object) -> Callable[[str], str]:
    return lambda value: f"'{value}' is not after the period's start, '{start}'"
