"""Costs, quantities and prices: exact decimals, rounded half-even at 15 digits behind the point."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from finops.deferred import numpy as np
from finops.focus.observations import BatchNotes
from finops.focus.repair.text import blank, repair_text
from finops.focus.schema import AMOUNT
from finops.model.cell import Notation, read_number

_REMEDY = "Repair the value, or export the bill again"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_BOUND = 10.0**23
_FEW = 10.0**10
_FROM_FEW_TO_15 = 10**5
_MOST = 9e13  # times 10^5 it still is an Int64
_FINE = 17  # "0." and 15 digits: a shorter text cannot have more
_MORE_THAN_15 = r"\.\d{15}\d*[1-9]"
_UNCASTABLE = (pl.Int128, pl.UInt128)


@dataclass(frozen=True, slots=True)
class AmountRepairer:
    """Decimal(38, 15). Anything else, or more than 23 digits before the decimal point, is a fault."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """Whether a text may have more digits than are kept."""
        return (raw.str.len_bytes() > _FINE).any() if self.dtype == pl.String else None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        if raw.dtype == AMOUNT:
            return raw
        if raw.dtype.is_float():
            amount = exact(raw)
        elif raw.dtype == pl.Null or (raw.dtype.is_numeric() and raw.dtype not in _UNCASTABLE):
            amount = raw.cast(AMOUNT, strict=False)
        else:
            raw, amount = self._parsed(raw.cast(pl.String), notes, closely=closely)
        if amount.null_count() != raw.null_count():
            notes.fault(self.column, amount.is_null() & raw.is_not_null(), raw, _what, _REMEDY)
        return amount

    def _parsed(self, text: pl.Series, notes: BatchNotes, *, closely: bool) -> tuple[pl.Series, pl.Series]:
        """The text with nulls and blanks repaired, and its amounts (Polars parses decimals exactly, half-even)."""
        amount = text.cast(AMOUNT, strict=False)
        if amount.null_count() != text.null_count():
            text = repair_text(text, self.column, notes)
            stripped = text.str.strip_chars()
            padded = stripped != text
            if padded.any():
                notes.repair(self.column, "blanks", padded)
                text, amount = stripped, stripped.cast(AMOUNT, strict=False)
            text, amount = self._otherwise_written(text, amount, notes)
        if closely:
            notes.repair(self.column, "rounded at 15 digits", text.str.contains(_MORE_THAN_15))
        return text, amount

    def _otherwise_written(self, text: pl.Series, amount: pl.Series, notes: BatchNotes) -> tuple[pl.Series, pl.Series]:
        """Numbers with decimal commas, thousands separators, or digits of another script."""
        unread = (amount.is_null() & text.is_not_null()).arg_true()
        left = text.gather(unread)
        found = {value: number for value in left.unique() if (number := read_number(value)) is not None}
        if not found:
            return text, amount
        for notation in Notation:
            values = [value for value, number in found.items() if number.notation is notation]
            if values and notation is not Notation.PLAIN:
                where = text.is_in(values)
                notes.repair(self.column, notation.value, where)
                notes.write(self.column, notation, where, text)
        plain = left.replace({value: number.text for value, number in found.items()})
        text = text.scatter(unread, plain)
        return text, amount.scatter(unread, plain.cast(AMOUNT, strict=False))


def exact(double: pl.Series) -> pl.Series:
    """The decimal that a double stands for, its shortest text, rounded half-even at 15 digits; null if not finite.

    Nearly every amount of a bill has few digits, and these are certain: ``n / 10^10`` is one correctly rounded
    division, so where it gives the same double, ``n`` (less than 15 digits) is the only decimal of so few digits that
    stands for it. Only the other doubles are looked at one by one.
    """
    values = double.cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore"):  # what overflows is not certain
        whole = np.rint(values * _FEW)
        # numpy divides; polars multiplies by the inverse of a constant, which rounds twice
        certain = (whole / _FEW == values) & (np.abs(whole) < _MOST)
    scaled = np.where(certain, whole, 0.0).astype(np.int64) * _FROM_FEW_TO_15
    amount = pl.Series(double.name, scaled).cast(pl.Int128).reinterpret(dtype=AMOUNT)
    if double.null_count():
        missing = double.is_null()
        amount = blank(amount, missing)
        certain |= missing.to_numpy()
    if certain.all():
        return amount
    others = pl.Series(np.flatnonzero(~certain))
    return amount.scatter(others, _exact_of_many_digits(double.gather(others)))


def _exact_of_many_digits(double: pl.Series) -> pl.Series:
    """``exact`` for any doubles.

    A cast is several times faster than text, but it multiplies in binary and may miss by one digit. It is right where
    its result is the same double again (below 8 no other decimal is), and where what it leaves is clearly less than
    half a digit; ``|x| * 2.3e-16`` bounds what the two conversions add to that rest. Elsewhere the text decides.
    """
    largest = max((abs(edge) for edge in (double.min(), double.max()) if isinstance(edge, float)), default=0.0)
    if largest >= _BOUND:  # the cast itself fails on what is far too large
        double = blank(double, double.abs() >= _BOUND)
    amount = double.cast(AMOUNT, strict=False)
    back = amount.cast(pl.Float64)
    off = back != double
    if largest < 8 and not off.any():
        return amount
    size = double.abs()
    sure = ~(off | (size >= 8)) | ((double - back).abs() < (0.5e-15 - size * 2.3e-16))
    doubtful = (~sure).arg_true()
    return amount.scatter(doubtful, double.gather(doubtful).cast(pl.String).cast(AMOUNT, strict=False))


def _what(value: str) -> str:
    if _NUMBER.fullmatch(value):
        return f"'{value}' has more than 23 digits before the decimal point"
    return f"'{value}' is not a valid number"
