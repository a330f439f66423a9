"""Sums of a period, and of what it is compared with -> rows side by side, and totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.app.costs.query import CostQuery, CostSum, CostSums
from finops.model.cost_report import Amounts, CostRow, CostTotal
from finops.model.money import added
from finops.model.period import Period

_Key = tuple[tuple[str, ...], str]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Summed:
    """A query and its sums. ``first``: the first day that the lake knows; ``reach``: the first day that no source has
    delivered anything of. Before the one and from the other on, nothing is not zero."""

    query: CostQuery
    sums: CostSums
    first: date | None = None
    reach: date | None = None

    @property
    def unreached(self) -> bool:
        """Whether no source has delivered anything of the whole period, and no row says otherwise."""
        return not self.sums.sums and self.reach is not None and self.query.period.start >= self.reach

    def is_whole(self, span: Period) -> bool:
        """Whether the lake may hold bills of all of ``span``."""
        return self.first is None or span.start >= self.first

    def nothing(self, span: Period) -> Amounts:
        """What a group without a row in ``span`` cost."""
        begun = self.first is None or span.end > self.first
        is_known = begun and (self.reach is None or span.start < self.reach)
        return (Decimal(0) if is_known else None,) * len(self.query.costs)


def rows_of(now: Summed, then: Summed | None, settled: date | None) -> tuple[CostRow, ...]:
    """The spans of both periods side by side, the first with the first; every sum of either is in one row."""
    spans = now.query.spans
    others = then.query.spans if then is not None else ()
    amounts, compared = _amounts(now.sums.sums), _amounts(then.sums.sums) if then is not None else {}
    found = []
    for key in sorted({*amounts, *compared}):
        place, group, currency = key
        span = spans[place] if place < len(spans) else None
        other = others[place] if place < len(others) else None
        found.append(
            CostRow(
                span=span,
                group=group,
                currency=currency,
                amounts=amounts.get(key) or now.nothing(span or now.query.period),
                provisional=span is not None and (settled is None or span.end - _DAY > settled),
                compared_span=other,
                compared=compared.get(key) or (then.nothing(other) if then is not None and other is not None else None),
                comparable=then is None or other is None or then.is_whole(other),
            )
        )
    return tuple(found)


def totals_of(now: Summed, then: Summed | None) -> tuple[CostTotal, ...]:
    """One a group and currency, the largest first, unknown ones last."""
    amounts, compared = _by_group(now.sums.sums), _by_group(then.sums.sums) if then is not None else {}
    found = [
        CostTotal(
            group,
            currency,
            *_both(now, then, amounts.get((group, currency)), compared.get((group, currency))),
            comparable=then is None or then.is_whole(then.query.period),
        )
        for group, currency in {**amounts, **compared}
    ]
    return tuple(sorted(found, key=_largest_first))


def whole_of(now: Summed, then: Summed | None) -> tuple[CostTotal, ...]:
    """One a currency."""
    amounts, compared = _by_currency(now.sums.sums), _by_currency(then.sums.sums) if then is not None else {}
    return tuple(
        CostTotal(
            (),
            currency,
            *_both(now, then, amounts.get(currency), compared.get(currency)),
            comparable=then is None or then.is_whole(then.query.period),
        )
        for currency in sorted({*amounts, *compared})
    )


def _both(
    now: Summed, then: Summed | None, amounts: Sequence[Amounts] | None, compared: Sequence[Amounts] | None
) -> tuple[Amounts, Amounts | None]:
    return (
        _added(amounts) if amounts else now.nothing(now.query.period),
        None if then is None else _added(compared) if compared else then.nothing(then.query.period),
    )


def _largest_first(total: CostTotal) -> tuple[bool, Decimal, tuple[str, ...], str]:
    amount = total.amounts[0]
    return amount is None, -(amount or Decimal(0)), total.group, total.currency


def _amounts(sums: Iterable[CostSum]) -> Mapping[tuple[int, tuple[str, ...], str], Amounts]:
    return {(one.span, one.group, one.currency): one.amounts for one in sums}


def _by_group(sums: Iterable[CostSum]) -> Mapping[_Key, list[Amounts]]:
    found: dict[_Key, list[Amounts]] = {}
    for one in sums:
        found.setdefault((one.group, one.currency), []).append(one.amounts)
    return found


def _by_currency(sums: Iterable[CostSum]) -> Mapping[str, list[Amounts]]:
    found: dict[str, list[Amounts]] = {}
    for one in sums:
        found.setdefault(one.currency, []).append(one.amounts)
    return found


def _added(amounts: Sequence[Amounts]) -> Amounts:
    """Cost by cost, of at least one sum."""
    return tuple(added(of_cost) for of_cost in zip(*amounts, strict=True))
