"""The values that columns have in the lake, and those that conditions name in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from finops.app.costs.columns import column_of_rows, resolved
from finops.documents import Fault, nearest, parse_documents, place_inside
from finops.errors import MissingRate
from finops.focus.schema import focus_columns
from finops.model.columns import Columns, sql_text
from finops.model.policy import Policy
from finops.model.rates import Rates
from finops.model.wording import count_text
from finops.ports.lake import LakeView

COST = "EffectiveCost"
RECENT_DAYS = 30
_NAMED_MOST = ("ServiceName", "ServiceCategory", "SubAccountId", "RegionId", "ServiceProviderName")
_OFFERED = 20
_SHOWN = 3
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z0-9]+(?![a-z])|[A-Z]|\d+")
_REPEATED = re.compile(r"([a-z])(\d)")


@dataclass(frozen=True, slots=True)
class Value:
    """``share`` of the cost of the days asked for; None where an exchange rate is missing. ``text``: '' for none."""

    text: str
    amount: Mapping[str, Decimal]
    share: float | None


@dataclass(frozen=True, slots=True)
class Values:
    """``first`` through ``last``: the days that shares are of."""

    column: str
    values: tuple[Value, ...]
    first: date
    last: date


def values_of(
    view: LakeView, name: str, columns: Columns, *, today: date, currency: str, rates: Rates, like: str = ""
) -> Values:
    """The values of a column, a dimension or ``tags['key']`` in the newest 30 days that have rows, by cost.

    ``like``: only values that contain this text, whatever its case. Raises ``BadArguments`` for an unknown column.
    """
    star = view.scopes()
    in_star = resolved(name, columns)
    daily = view.costs_daily().filter(pl.col("day") <= today)
    last = daily.select(pl.col("day").max()).collect().item() or today
    first = last - timedelta(days=RECENT_DAYS - 1)
    days = pl.col("day").is_between(first, last)
    if in_star in star.collect_schema().names():
        named = star.select("scope_id", value=pl.col(in_star).cast(pl.String).fill_null(""))
        rows = daily.filter(days).join(named, on="scope_id").select("value", "currency", COST)
    else:
        of_row = column_of_rows(name, columns, where="COLUMN").cast(pl.String).fill_null("")
        rows = view.costs_by_day().filter(days).select(pl.col("BillingCurrency").alias("currency"), COST, value=of_row)
    sums = rows.group_by("value", "currency").agg(pl.col(COST).sum()).collect(engine="streaming")
    amounts: dict[str, dict[str, Decimal]] = {}
    for value, own, amount in sums.iter_rows():
        amounts.setdefault(value, {})[own] = amount
    converted = {value: _converted(by_currency, last, currency, rates) for value, by_currency in amounts.items()}
    known = [amount for amount in converted.values() if amount is not None]
    total = sum(known, Decimal(0)) if len(known) == len(converted) else Decimal(0)
    found = [
        Value(value, by_currency, float(converted[value] / total) if total else None)  # type: ignore[operator] # all are known
        for value, by_currency in amounts.items()
        if like.casefold() in value.casefold()
    ]
    return Values(name, tuple(sorted(found, key=lambda one: (-(one.share or 0), one.text))), first, last)


def _converted(amounts: Mapping[str, Decimal], day: date, currency: str, rates: Rates) -> Decimal | None:
    try:
        return sum((amount * rates.factor(day, own, currency) for own, amount in amounts.items()), Decimal(0))
    except MissingRate:
        return None


@dataclass(slots=True)
class KnownValues:
    """Distinct values of columns that the rollup has; read once each."""

    view: LakeView
    _star: pl.DataFrame | None = None
    _values: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, column: str) -> frozenset[str] | None:
        """None where the rollup does not have the column, or has no row at all."""
        if self._star is None:
            self._star = self.view.scopes().collect()
        if column not in self._star.columns or self._star.is_empty():
            return None
        if column not in self._values:
            self._values[column] = frozenset(self._star[column].drop_nulls().cast(pl.String).unique().to_list())
        return self._values[column]


def conditions_of(view: LakeView, dimensions: Sequence[str]) -> list[str]:
    """``team = 'checkout'`` for the most expensive values of each dimension and of the columns that policies name
    most."""
    costs = view.costs_daily().group_by("scope_id").agg(pl.col(COST).sum())
    star = view.scopes().join(costs, on="scope_id", how="left")
    found: list[str] = []
    for column in (*dimensions, *_NAMED_MOST):
        ranked = (
            star.group_by(column).agg(pl.col(COST).sum()).sort(COST, column, descending=[True, False]).head(_OFFERED)
        )
        values = ranked.select(column).drop_nulls().collect()[column]
        found += [f"{column} = {sql_text(value)}" for value in values]
    return found


@dataclass(frozen=True, slots=True, order=True)
class Unmatched:
    """``value`` stands in a scope at ``place``, and no row of the lake has it. ``near``: a value that some row has and
    that is probably meant; empty where none is like it, as with policies for a provider that delivers nothing yet."""

    file: str
    place: tuple[int, int]
    column: str
    value: str
    near: str

    def __str__(self) -> str:
        hint = f"Did you mean '{self.near}'?" if self.near else f"List them: finops values {self.column}"
        return str(Fault(self.file, *self.place, f"no row has {self.column} '{self.value}'", hint))


def unmatched(policies: Sequence[Policy], known: KnownValues) -> list[Unmatched]:
    """Each value of a scope that no row of the lake has, by its place in the policies' files.

    FOCUS's own values, such as the charge category Tax, are in place without a row.
    """
    return sorted(found for policy in policies for found in _unmatched(policy, known))


def warnings_of(found: Sequence[Unmatched], *, each: bool) -> list[str]:
    """A sentence for each probable mistake; of the other values one a file, or with ``each`` one a value."""
    said = [str(one) for one in found if each or one.near]
    strange: dict[str, list[Unmatched]] = {}
    for one in found:
        if not each and not one.near:
            strange.setdefault(one.file, []).append(one)
    for file, values in strange.items():
        if len(values) == 1:
            said.append(str(values[0]))
            continue
        names = list(dict.fromkeys(f"{one.column} '{one.value}'" for one in values))
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        said.append(f"{file}: no row has {count_text(len(names), 'value')} of its scopes: {shown}. -v lists each")
    return said


def _unmatched(policy: Policy, known: KnownValues) -> Iterator[Unmatched]:
    condition = policy.spec.envelope.condition
    for compared in condition.compared_values() if condition is not None else ():
        values = known.of(compared.column)
        standard = focus_columns().get(compared.column)
        if values is None or compared.value in values or (standard and compared.value in standard.allowed_values):
            continue
        document = parse_documents(policy.text, policy.file)[0][0]
        line, column = place_inside(document, ("spec", "scope"), condition.text, compared.offset)
        line += policy.line - document.place(("apiVersion",))[0]
        near = resembling(compared.value, values) or ""
        yield Unmatched(policy.file, (line, column), compared.column, compared.value, near)


def resembling(typed: str, values: frozenset[str]) -> str | None:
    """The value that ``typed`` probably stands for: misspelt, or written with initials (AmazonEC2).

    >>> resembling("AmazonEC2", frozenset({"Amazon Elastic Compute Cloud", "Amazon CloudFront"}))
    'Amazon Elastic Compute Cloud'
    """
    parts = [_REPEATED.sub(lambda it: it[1] * int(it[2]), word.casefold()) for word in _WORDS.findall(typed)]
    meant = [value for value in values if parts and all(_stands_for(part, value) for part in parts)]
    return min(meant, key=lambda value: (len(value), value)) if meant else nearest(typed, values)


def _stands_for(part: str, value: str) -> bool:
    words = re.findall(r"\w+", value.casefold())
    return part in words or (len(part) > 1 and part in "".join(word[0] for word in words))
