"""Columns with a list of allowed values, and currencies."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finops.focus.observations import BatchNotes
from finops.focus.repair.text import repair_text
from finops.model.currency import currency_codes, currency_hint


@dataclass(frozen=True, slots=True)
class ChoiceRepairer:
    """String; another casing or blanks around an allowed value are repaired.

    Any other value is kept and noted, or with ``must_be_known`` a fault.
    """

    column: str
    dtype: pl.DataType
    allowed: tuple[str, ...]
    must_be_known: bool

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        return (~raw.is_in(self.allowed)).any() if self.dtype == pl.String else None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        if not closely:
            return raw
        text = repair_text(raw, self.column, notes)
        odd = ~text.is_in(self.allowed)
        if not odd.any():
            return text
        meant = self._meant(text.filter(odd).value_counts(), notes)
        if self.must_be_known:
            unknown = odd & ~text.is_in(list(meant))
            remedy = f"Write one of {', '.join(self.allowed)}"
            notes.fault(self.column, unknown, text, "'{}' is not a value that FOCUS allows".format, remedy)
        return text.replace(meant) if meant else text

    def _meant(self, spellings: pl.DataFrame, notes: BatchNotes) -> dict[str, str]:
        by_folded = {value.casefold(): value for value in self.allowed}
        meant: dict[str, str] = {}
        for value, count in spellings.iter_rows():
            known = by_folded.get(value.strip().casefold())
            if known is not None:
                meant[value] = known
                notes.repair(self.column, "casing", count)
            elif not self.must_be_known:
                notes.note(self.column, "values outside the FOCUS list, kept", count)
        return meant


@dataclass(frozen=True, slots=True)
class CurrencyRepairer:
    """String: a code of ISO 4217, current or withdrawn. Lower case is repaired, anything else is a fault."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """Most bills have one currency: then one look at it is enough."""
        one = (raw == raw.first()).all() & raw.first().is_in(sorted(currency_codes()))
        return ~one if self.dtype == pl.String else None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        if not closely:
            return raw
        text = repair_text(raw, self.column, notes)
        codes = sorted(currency_codes())
        odd = ~text.is_in(codes)
        if not odd.any():
            return text
        upper = text.str.strip_chars().str.to_uppercase()
        right = upper.is_in(codes)
        notes.repair(self.column, "casing", odd & right)
        wrong = text.filter(~right)
        remedy = currency_hint(wrong[0]) if len(wrong) else ""
        notes.fault(self.column, ~right, text, "'{}' is not an ISO 4217 currency code".format, remedy)
        return upper
