"""Whether a quantity counts single units or blocks of them, such as ``10K``: Azure's files do both.

``UnitOfMeasure`` says what one unit price buys. In most cost details Quantity already counts such blocks, so that
Quantity × EffectivePrice = Cost with an EffectivePrice near UnitPrice; in others it counts single units. Microsoft's
table divides by the block in either case, and Azure's own FOCUS exports do the same, which makes PricingQuantity and
ContractedCost up to 10,000 times too small (microsoft/finops-toolkit, issue 727). So each row's own cost decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_MARGIN = 2.0
"""How far a cost may exceed unit price × units before the quantity must have counted blocks. A discount only lowers the
cost: at a block of 10 it would have to exceed 80 % to be mistaken."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """``cost`` that was charged for ``quantity`` at ``price`` a block, all in one currency; a quantity of one where
    ``cost`` is itself a price."""

    cost: pl.Expr
    price: pl.Expr
    quantity: pl.Expr

    def counts_blocks(self, block: pl.Expr) -> pl.Expr:
        """Boolean; null where an amount is missing or 0, which tells nothing."""
        cost, units, size = _size(self.cost), _size(self.price) * _size(self.quantity), block.cast(pl.Float64)
        told = (cost > 0) & (units > 0) & (size > 1)
        return pl.when(told).then(cost * size > units * pl.min_horizontal(pl.lit(_MARGIN), size.sqrt()))


def _size(amount: pl.Expr) -> pl.Expr:
    return amount.cast(pl.Float64, strict=False).abs()
