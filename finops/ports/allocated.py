"""What rules of ``allocations:`` move between values of a dimension, at one data version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from finops.model.money import SCALE

_MONEY = pl.Decimal(38, SCALE)
_COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

TRANSFERS = pl.Schema(
    {
        "source": pl.String(),
        "billing_period": pl.Date(),
        "scope_id": pl.Int64(),
        "day": pl.Date(),
        "currency": pl.String(),
        **dict.fromkeys(_COSTS, _MONEY),
        "rows": pl.Int64(),
        "allocation": pl.String(),
        "from": pl.String(),
        "to": pl.String(),
    }
)
"""Two rows for what one rule moves out of one cell to one value: the amounts where they arrive and, negated and summed
over all values (``to`` is null), where they are taken from. ``from``: the value of the rule's dimension before. No row
of a bill is counted twice: ``rows`` is 0."""

GAPS = pl.Schema(
    {
        "allocation": pl.String(),
        "day": pl.Date(),
        "currency": pl.String(),
        "EffectiveCost": _MONEY,
        "reason": pl.String(),
    }
)
"""What stayed where it was, since its share is unknown."""

SHARES = pl.Schema(
    {
        "allocation": pl.String(),
        "day": pl.Date(),
        "value": pl.String(),
        "weight": pl.Int128(),
        "total": pl.Int128(),
    }
)


@dataclass(frozen=True, eq=False)
class Allocated:
    """``transfers``: of ``TRANSFERS``, sorted; with ``costs_daily`` they add up to the allocated costs, and by
    themselves to zero: in all, for each allocation, day, currency and cost. ``scopes``: those of ``transfers`` that the
    lake does not have, columns as there. ``gaps``: of ``GAPS``. ``shares``: of ``SHARES``. ``doubts``: rules whose
    costs the view leaves out (``LakeView.faults``) -> why: what they move is unknown, of any day."""

    transfers: pl.DataFrame
    scopes: pl.DataFrame
    gaps: pl.DataFrame
    shares: pl.DataFrame
    doubts: Mapping[str, str] = field(default_factory=dict)


def nothing_allocated() -> Allocated:
    return Allocated(
        pl.DataFrame(schema=TRANSFERS),
        pl.DataFrame(schema={"scope_id": pl.Int64}),
        pl.DataFrame(schema=GAPS),
        pl.DataFrame(schema=SHARES),
    )
