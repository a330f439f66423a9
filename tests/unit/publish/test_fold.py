"""Folding changes how many series there are, and no sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, localcontext

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from finops.model.costs import AMOUNTS
from finops.model.money import EXACT
from finops.publish.cost_families import fold

Key = tuple[int | None, str, str]
"""Place (None: ``__other__``), cost, currency."""
Amounts = Mapping[Key, Decimal]
_SCHEMA = {name: AMOUNTS[name] for name in ("place", "cost", "currency")} | {"amount": AMOUNTS["day_amount"]}
OTHER = 5
"""A place that somebody called ``__other__``."""

keys = st.tuples(st.integers(0, 40), st.sampled_from(["effective", "billed"]), st.sampled_from(["EUR", "USD", "JPY"]))
money = st.decimals(min_value=-(10**20), max_value=10**20, places=15)
amounts = st.dictionaries(keys, money, max_size=30)


def folded(before: Amounts, limit: int) -> tuple[Amounts, int]:
    rows = [(*key, amount) for key, amount in before.items()]
    result = fold(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), limit, other=OTHER)
    after = {(place, cost, currency): amount for place, cost, currency, amount in result.amounts.iter_rows()}
    assert len(after) == result.amounts.height, "no series twice"
    return after, result.series


def sums(of: Amounts) -> dict[tuple[str, str], Decimal]:
    result: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for (_, *kept), amount in of.items():
            result[kept[0], kept[1]] += amount
    return dict(result)


def of_one(amounts: Mapping[int | None, str]) -> Amounts:
    return {(place, "effective", "EUR"): Decimal(amount) for place, amount in amounts.items()}


@given(amounts, st.integers(min_value=1, max_value=40))
def test_the_sum_of_each_cost_and_currency_stays_exact(before: Amounts, limit: int) -> None:
    after, _ = folded(before, limit)
    assert sums(after) == sums(before)


@given(amounts, st.integers(min_value=1, max_value=40))
def test_at_most_max_series_are_left_and_every_vanished_one_is_counted(before: Amounts, limit: int) -> None:
    after, series = folded(before, limit)
    assert len(after) <= max(limit, len(sums(before)))
    counts = {kept: [sum(key[1:] == kept for key in of) for of in (before, after)] for kept in sums(before)}
    changed = {key[1:] for key in after if key[0] is None}
    assert series == sum(had - has + 1 for kept, (had, has) in counts.items() if kept in changed)


@given(amounts, st.integers(min_value=1, max_value=40))
def test_no_folded_amount_is_larger_than_a_kept_one(before: Amounts, limit: int) -> None:
    after, _ = folded(before, limit)
    for kept in sums(before):
        left = {place for place, *of in after if tuple(of) == kept}
        gone = [abs(before[key]) for key in before if key[1:] == kept and key[0] not in {*left, OTHER}]
        shown = [abs(after[key]) for key in after if key[1:] == kept and key[0] not in {None, OTHER}]
        assert not gone or not shown or max(gone) <= min(shown)


def test_a_few_series_are_left_alone() -> None:
    before = of_one({0: "1", 1: "2"})
    assert folded(before, 2) == (before, 0)


def test_the_smallest_fold_by_their_absolute_value() -> None:
    before = of_one({0: "100", 1: "-50.25", 2: "0.1", 3: "-0.000000000000001"})
    assert folded(before, 3) == (of_one({0: "100", 1: "-50.25", None: "0.099999999999999"}), 2)


def test_of_equal_amounts_the_first_places_stay() -> None:
    assert folded(of_one({3: "1", 0: "1", 2: "-1", 1: "1"}), 3) == (of_one({0: "1", 1: "1", None: "0"}), 2)


def test_a_real_value_that_is_called_other_joins_the_sum() -> None:
    before = of_one({OTHER: "1000", 0: "3", 1: "2", 2: "1"})
    assert folded(before, 2) == (of_one({0: "3", None: "1003"}), 3)
