"""Cost lines -> the two families of costs, folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext

from finops.model.evaluation import CostLine
from finops.model.family import Family
from finops.model.money import EXACT
from finops.publish.catalogue import COST_DAY, COST_MONTH_TO_DATE
from finops.publish.fold import Amounts, Kept, Places, fold

_PLACES = ("provider", "account", "service")
_KEPT = ("cost", "currency")


def cost_families(
    lines: Sequence[CostLine], dimensions: Sequence[str], max_series: int
) -> tuple[tuple[Family, ...], Mapping[str, int]]:
    """The families, and for each the number of series that went into ``__other__``.

    A line without a settled day has no series in the family of the day: missing is not zero.
    """
    names = label_names(dimensions)
    families, folded = [], {}
    measures: tuple[tuple[Family, Callable[[CostLine], Decimal | None]], ...] = (
        (COST_DAY, lambda line: line.day_amount),
        (COST_MONTH_TO_DATE, lambda line: line.month_to_date_amount),
    )
    for family, measure in measures:
        result = fold(_amounts(lines, (*_PLACES, *dimensions), measure), max_series)
        labelled = Family(family.name, family.type, family.help, (*_PLACES, *names, *_KEPT))
        families.append(labelled.filled(((*places, *kept), float(v)) for (kept, places), v in result.amounts.items()))
        folded[family.name] = result.series
    return tuple(families), folded


def label_names(dimensions: Iterable[str]) -> tuple[str, ...]:
    """A label name for each dimension: Prometheus admits ASCII letters, digits and ``_``, and reserves ``__``.

    >>> label_names(["team", "équipe", "account"])
    ('team', '_quipe', 'account_')
    """
    taken = {*_PLACES, *_KEPT}
    names = []
    for dimension in dimensions:
        name = re.sub(r"^(?=\d)|^_+", "_", re.sub(r"[^a-zA-Z0-9_]", "_", dimension))
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _amounts(
    lines: Iterable[CostLine], places: Sequence[str], measure: Callable[[CostLine], Decimal | None]
) -> Amounts:
    amounts: dict[tuple[Kept, Places], Decimal] = {}
    with localcontext(EXACT):
        for line in lines:
            amount = measure(line)
            if amount is not None:
                key = (line.cost, line.currency), tuple(line.labels.get(place) or "" for place in places)
                amounts[key] = amounts.get(key, Decimal(0)) + amount
    return amounts
