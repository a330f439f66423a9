"""What the costs of a cost details file mean, by which files of the month there are.

Source: "How to convert Cost Management data to FOCUS", microsoft/finops-toolkit, docs-mslearn/focus/convert.md: all
rows of the amortised file, and of the actual file the purchases and refunds of commitments. So each charge is there
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import polars as pl

from finops.collect.azure.native.file_columns import FileColumns
from finops.collect.azure.words import COMMITTED, UNUSED


class View(Enum):
    """A file alone tells one cost only. The other FOCUS cost repeats it: neither is too low by what is missing."""

    AMORTISED = "the amortised file, beside an actual one"
    ACTUAL = "the actual file, beside an amortised one"
    AMORTISED_ALONE = "the amortised file alone"
    ACTUAL_ALONE = "the actual file alone"


@dataclass(frozen=True, slots=True)
class Words:
    """ChargeType and PricingModel of a row, lower case and without blanks; ``benefit``: the id of its commitment."""

    charge: pl.Expr
    model: pl.Expr
    benefit: pl.Expr

    @classmethod
    def of(cls, file: FileColumns) -> Words:
        benefit = pl.coalesce(file.text("benefitid"), file.text("reservationid"))
        return cls(file.word("chargetype"), file.word("pricingmodel"), benefit)

    @property
    def _committed(self) -> pl.Expr:
        return self.model.is_in(sorted(COMMITTED)).fill_null(value=False)

    @property
    def unused(self) -> pl.Expr:
        return self.charge.is_in(sorted(UNUSED)).fill_null(value=False)

    @property
    def purchase_of_commitment(self) -> pl.Expr:
        """Bought or given back. Some of these rows lack the model, some the id."""
        bought = self.charge.is_in(["purchase", "refund"]).fill_null(value=False)
        return bought & (self._committed | self.benefit.is_not_null())

    @property
    def use_of_commitment(self) -> pl.Expr:
        """Used or not. Files without a PricingModel name the commitment only."""
        covered = self._committed | (self.model.is_null() & self.benefit.is_not_null())
        return ((self.charge == "usage").fill_null(value=False) & covered) | self.unused


def kept(view: View, words: Words) -> pl.Expr | None:
    """Which rows are taken; None for all."""
    match view:
        case View.AMORTISED:
            return ~words.purchase_of_commitment
        case View.ACTUAL:
            return words.purchase_of_commitment
        case _:
            return None


def billed(view: View, words: Words, cost: pl.Expr, nothing: pl.Expr) -> pl.Expr:
    """BilledCost: what a commitment covers was billed when it was bought."""
    return pl.when(words.use_of_commitment).then(nothing).otherwise(cost) if view is View.AMORTISED else cost


def effective(view: View, words: Words, cost: pl.Expr, nothing: pl.Expr) -> pl.Expr:
    """EffectiveCost: a commitment's purchase is spread over its uses, and a refund of it takes uses away.

    Amortised cost holds purchases of savings plans by mistake (microsoft/finops-toolkit, "InvalidEffectiveCost").
    """
    if view is View.ACTUAL_ALONE:
        return cost
    return pl.when(words.purchase_of_commitment).then(nothing).otherwise(cost)
