"""The smallest series of a cost family become ``__other__``; no sum changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from finops.model.money import EXACT

OTHER = "__other__"

Kept = tuple[str, str]
"""Cost and currency: what one ``__other__`` never mixes."""

Places = tuple[str, ...]
"""Values of the labels that a fold replaces: provider, account, service and the dimensions."""

Amounts = Mapping[tuple[Kept, Places], Decimal]


@dataclass(frozen=True, slots=True)
class Folded:
    """``amounts`` after folding; ``series`` is how many went into ``__other__``."""

    amounts: Amounts
    series: int


def fold(amounts: Amounts, max_series: int) -> Folded:
    """At most ``max_series`` amounts with the same sum for each cost and currency.

    Amounts of two currencies cannot be compared without a rate, so each (cost, currency) gets one series and its share
    of the others by its number of series; within it the smallest by absolute value are added up. Where there are more
    of them than ``max_series``, each still has its one: sums are never mixed.
    """
    if len(amounts) <= max_series:
        return Folded(amounts, 0)
    by_kept: dict[Kept, list[tuple[Places, Decimal]]] = {}
    for (kept, places), amount in amounts.items():
        by_kept.setdefault(kept, []).append((places, amount))
    result: dict[tuple[Kept, Places], Decimal] = {}
    folded, spare, beyond_one = 0, max(0, max_series - len(by_kept)), max(1, len(amounts) - len(by_kept))
    for kept, series in sorted(by_kept.items()):
        share = 1 + spare * (len(series) - 1) // beyond_one
        if len(series) <= share:
            result.update({(kept, places): amount for places, amount in series})
            continue
        # a real value may be called __other__ by whoever can tag: it ranks last, so that it joins the sum
        ranked = sorted(series, key=lambda item: (_is_other(item[0]), -abs(item[1]), item[0]))
        small = ranked[share - 1 :]
        result.update({(kept, places): amount for places, amount in ranked[: share - 1]})
        result[kept, (OTHER,) * len(ranked[0][0])] = _total([amount for _, amount in small])
        folded += len(small)
    return Folded(result, folded)


def _is_other(places: Places) -> bool:
    return all(place == OTHER for place in places)


def _total(amounts: Sequence[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))
