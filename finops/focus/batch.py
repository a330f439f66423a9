"""One batch of raw rows -> conformed rows; what was seen goes to the part's observations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from finops.focus.ai import ai_columns
from finops.focus.mend.mender import Mender
from finops.focus.observations import BatchNotes, Observations
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
        menders: Mapping[str, Mender],
        schema: Mapping[str, pl.DataType],
        periods: Collection[date] | None,
        observations: Observations,
        *,
        only: date | None = None,
    ) -> None:
        """``menders``: raw column -> mender; ``schema``: of the conformed rows; ``only``: no row may be of another."""
        self._menders = menders
        self._raw_name = {mender.column: name for name, mender in menders.items()}
        self._schema = pl.Schema(schema)
        self._periods = None if periods is None else sorted(periods)
        self._only = only
        self._observations = observations
        probes = [(name, mender.probe(pl.col(name))) for name, mender in menders.items()]
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
        mended = {
            mender.column: mender.mend(raw[name], notes, closely=closely.get(name, True))
            for name, mender in self._menders.items()
        }
        _check(mended, {name: raw[of] for name, of in self._raw_name.items()}, notes)
        if self._only is not None:
            _check_period(mended[_START], raw[self._raw_name[_START]], self._only, notes)
        self._observations.add(notes, raw.height)
        if self._observations.fault is not None:
            return pl.DataFrame(schema=self._schema)
        return pl.DataFrame(list(self._columns({**mended, **ai_columns(mended)}, raw.height)))

    def _offered(self, raw: pl.DataFrame, periods: list[date]) -> pl.DataFrame:
        """The rows of the offered periods, and those whose period cannot be read."""
        name = self._raw_name[_START]
        starts = self._menders[name].mend(raw[name], BatchNotes(raw[BATCH_ROW]), closely=True)
        offered = periods_of(starts).is_in(periods) | starts.is_null()
        return raw if offered.all() else raw.filter(offered)

    def _columns(self, mended: Mapping[str, pl.Series], height: int) -> Iterator[pl.Series]:
        for name in self._schema:
            if name == "billing_period":
                yield periods_of(mended[_START]).alias(name)
            elif name in mended:
                yield mended[name].alias(name)
            else:
                yield self._nulls[name].new_from_index(0, height)


def _without_blank_lines(raw: pl.DataFrame, notes: BatchNotes) -> pl.DataFrame:
    """A blank line of a CSV file comes as a row of nulls."""
    blank_line = raw.select(pl.all_horizontal(pl.exclude(BATCH_ROW).is_null())).to_series()
    notes.mend("row", "blank line", blank_line)
    return raw.filter(~blank_line)


def _check(mended: Mapping[str, pl.Series], raw: Mapping[str, pl.Series], notes: BatchNotes) -> None:
    """What no single column shows: needed values that are missing, periods that do not end after their start."""
    already = {fault.column for fault in notes.faults}
    for name in REQUIRED:
        if name not in already and mended[name].null_count():
            notes.fault(name, mended[name].is_null(), raw[name], _missing, "Every row needs one")
    for start, end in _PERIODS:
        backwards = mended[end] <= mended[start]
        if backwards.any():
            said = _not_after(raw[start].filter(backwards)[0])
            notes.fault(end, backwards, raw[end], said, "A period ends after it starts, and its end is exclusive")
    for name in MAY_BE_UNKNOWN:
        if name in mended:
            notes.note(name, "is missing and stays null", mended[name].null_count())
    for lower, higher in _FALLING:
        if lower in mended and higher in mended:
            notes.note(lower, f"is above {higher} in ordinary usage", _is_above(mended, lower, higher))


def _is_above(mended: Mapping[str, pl.Series], lower: str, higher: str) -> pl.Series:
    """Where a discount raises the cost of usage; corrections, refunds and what was not used may do so."""
    above = (mended[lower] - mended[higher] > _ROUNDED) & (mended[higher] >= 0)
    if not above.any():
        return above
    ordinary = above & (mended["ChargeCategory"] == "Usage")
    for name in ("ChargeClass", "CommitmentDiscountStatus"):
        if name in mended:
            ordinary &= ~mended[name].is_in(["Correction", "Unused"]).fill_null(value=False)
    return ordinary


def _missing(value: str) -> str:
    return f"the value is missing, '{value}' stands for none" if value else "the value is missing"


def _check_period(starts: pl.Series, raw: pl.Series, only: date, notes: BatchNotes) -> None:
    foreign = periods_of(starts) != only
    if foreign.any():
        remedy = "Have it exported again: a row that lands in no billing period would be lost"
        notes.fault(_START, foreign, raw, lambda value: f"'{value}' is not in the part's period, {only:%Y-%m}", remedy)


def _not_after(start: object) -> Callable[[str], str]:
    return lambda value: f"'{value}' is not after the period's start, '{start}'"
