"""How well the rows of a source follow FOCUS: rules violated and values missing, counted when they were collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finops.model.money import EXACT


@dataclass(frozen=True, slots=True)
class Extent:
    """``rows``, and their cost by currency: the larger of BilledCost and EffectiveCost of each, without sign."""

    rows: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict)

    def __add__(self, other: Extent) -> Extent:
        amounts = dict(self.amounts)
        for currency, amount in other.amounts.items():
            amounts[currency] = EXACT.add(amounts.get(currency, Decimal(0)), amount)
        return Extent(self.rows + other.rows, dict(sorted(amounts.items())))

    def to_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "amounts": _texts(self.amounts)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Extent:
        return cls(data["rows"], {currency: Decimal(amount) for currency, amount in data["amounts"].items()})


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the rows of one or more billing periods.

    ``violations``: by column and rule, such as ``SkuId: is null in usage or a purchase``, and only those that occur.
    ``nulls``: FOCUS column -> rows without a value, and only where there are any.
    """

    total: Extent = field(default_factory=Extent)
    violations: Mapping[str, Extent] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Quality) -> Quality:
        violations = dict(self.violations)
        for rule, extent in other.violations.items():
            violations[rule] = violations.get(rule, Extent()) + extent
        nulls = Counter(self.nulls) + Counter(other.nulls)
        return Quality(self.total + other.total, dict(sorted(violations.items())), dict(sorted(nulls.items())))

    def to_json(self) -> dict[str, Any]:
        return {
            "total": self.total.to_json(),
            "violations": {rule: extent.to_json() for rule, extent in self.violations.items()},
            "nulls": dict(self.nulls),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Quality:
        return cls(
            Extent.from_json(data["total"]),
            {rule: Extent.from_json(extent) for rule, extent in data["violations"].items()},
            data["nulls"],
        )


def add_qualities(all_of: Iterable[Mapping[date, Quality]]) -> dict[date, Quality]:
    """Several counts as one."""
    total: dict[date, Quality] = {}
    for one in all_of:
        for period, quality in one.items():
            total[period] = total.get(period, Quality()) + quality
    return total


@dataclass(frozen=True, slots=True)
class Unallocated:
    """Rows without a value in a dimension, of ``rows_in_all``, and their EffectiveCost by currency, of ``totals``."""

    rows: int
    rows_in_all: int
    amounts: Mapping[str, Decimal]
    totals: Mapping[str, Decimal]

    @property
    def ratios(self) -> Mapping[str, float]:
        """By currency, where there is any cost."""
        return {
            currency: float(EXACT.divide(self.amounts.get(currency, Decimal(0)), total))
            for currency, total in self.totals.items()
            if total
        }


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """What the lake holds of one source.

    ``first`` and ``last``: billing periods. ``collected_at``: when the newest of its rows arrived.
    ``complete_through``: how far its usage has arrived (``finops.model.completeness``). ``uncounted``: periods that
    were collected before anything was counted. ``changed``: rule -> rows that violate it now less those that did before
    the newest delivery; empty where nothing changed. ``repaired``: values, by column and kind, in the newest delivery,
    of ``delivered`` periods. ``unallocated``: by dimension.
    """

    source: str
    first: date
    last: date
    collected_at: datetime
    complete_through: datetime | None
    quality: Quality
    uncounted: tuple[date, ...] = ()
    is_first_delivery: bool = True
    changed: Mapping[str, int] = field(default_factory=dict)
    delivered: tuple[date, ...] = ()
    repaired: Mapping[str, int] = field(default_factory=dict)
    unallocated: Mapping[str, Unallocated] = field(default_factory=dict)

    @property
    def violations(self) -> int:
        """Rows that violate a rule, counted once for each rule."""
        return sum(extent.rows for extent in self.quality.violations.values())

    @property
    def null_values(self) -> int:
        """Values that the columns of FOCUS lack."""
        return sum(self.quality.nulls.values())

    @property
    def worst_first(self) -> list[tuple[str, str, Extent]]:
        """Column, rule and extent of each violation."""
        ordered = sorted(self.quality.violations.items(), key=lambda item: (-item[1].rows, item[0]))
        return [(*name.split(": ", 1), extent) for name, extent in ordered]  # type: ignore[misc]  # a name has both

    @property
    def fixed(self) -> list[str]:
        """Rules that the rows before the newest delivery violated, and no row violates now."""
        return [rule for rule in self.changed if rule not in self.quality.violations]

    def to_json(self) -> dict[str, Any]:
        """For ``finops sources quality --format json``: amounts are decimal strings."""
        return {
            "source": self.source,
            "billing_periods": {"first": self.first.isoformat(), "last": self.last.isoformat()},
            "collected_at": self.collected_at.isoformat(),
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
            **self.quality.total.to_json(),
            "violations": [
                {
                    "column": column,
                    "rule": rule,
                    **extent.to_json(),
                    "change": None if self.is_first_delivery else self.changed.get(f"{column}: {rule}", 0),
                }
                for column, rule, extent in self.worst_first
            ],
            "no_longer_violated": self.fixed,
            "nulls": dict(self.quality.nulls),
            "repaired": dict(self.repaired),
            "repaired_in": [period.isoformat() for period in self.delivered],
            "unallocated": {
                dimension: {
                    "rows": one.rows,
                    "rows_in_all": one.rows_in_all,
                    "effective_cost": _texts(one.amounts),
                    "effective_cost_in_all": _texts(one.totals),
                }
                for dimension, one in self.unallocated.items()
            },
            "not_counted": [period.isoformat() for period in self.uncounted],
        }


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: f"{amount:f}" for currency, amount in sorted(amounts.items())}
