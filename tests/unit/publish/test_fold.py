"""Folding changes how many series there are, and no sum."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from finops.model.money import EXACT
from finops.publish.fold import OTHER, Amounts, fold

names = st.sampled_from(["", "a", "b", "c", "ü", OTHER])
keys = st.tuples(
    st.tuples(st.sampled_from(["effective", "billed"]), st.sampled_from(["EUR", "USD", "JPY"])),
    st.tuples(names, names),
)
money = st.decimals(min_value=-(10**20), max_value=10**20, places=15)
amounts = st.dictionaries(keys, money, max_size=30)


def sums(of: Amounts) -> dict[tuple[str, str], Decimal]:
    result: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for (kept, _), amount in of.items():
            result[kept] += amount
    return dict(result)


@given(amounts, st.integers(min_value=1, max_value=40))
def test_the_sum_of_each_cost_and_currency_stays_exact(before: Amounts, limit: int) -> None:
    after = fold(before, limit)
    assert sums(after.amounts) == sums(before)


@given(amounts, st.integers(min_value=1, max_value=40))
def test_at_most_max_series_are_left_and_every_vanished_one_is_counted(before: Amounts, limit: int) -> None:
    after = fold(before, limit)
    assert len(after.amounts) <= max(limit, len(sums(before)))
    counts = {kept: [sum(key[0] == kept for key in of) for of in (before, after.amounts)] for kept in sums(before)}
    assert after.series == sum(had - has + 1 for had, has in counts.values() if had > has)


@given(amounts, st.integers(min_value=1, max_value=40))
def test_no_folded_amount_is_larger_than_a_kept_one(before: Amounts, limit: int) -> None:
    after = fold(before, limit)
    for kept in sums(before):
        left = {places for of, places in after.amounts if of == kept}
        gone = [abs(amount) for (of, places), amount in before.items() if of == kept and places not in left]
        shown = [abs(amount) for (of, p), amount in after.amounts.items() if of == kept and set(p) != {OTHER}]
        assert not gone or not shown or max(gone) <= min(shown)


def test_a_few_series_are_left_alone() -> None:
    before = {(("effective", "EUR"), ("a",)): Decimal(1), (("effective", "EUR"), ("b",)): Decimal(2)}
    assert fold(before, 2).amounts == before
    assert fold(before, 2).series == 0


def test_the_smallest_fold_by_their_absolute_value() -> None:
    kept = ("effective", "EUR")
    before = {
        (kept, ("refund",)): Decimal("-50.25"),
        (kept, ("big",)): Decimal(100),
        (kept, ("small",)): Decimal("0.1"),
        (kept, ("tiny",)): Decimal("-0.000000000000001"),
    }
    after = fold(before, 3)
    assert after.series == 2
    assert after.amounts == {
        (kept, ("big",)): Decimal(100),
        (kept, ("refund",)): Decimal("-50.25"),
        (kept, (OTHER,)): Decimal("0.099999999999999"),
    }


def test_a_real_value_that_is_called_other_joins_the_sum() -> None:
    kept = ("effective", "EUR")
    before = {
        (kept, (OTHER,)): Decimal(1000),
        (kept, ("a",)): Decimal(3),
        (kept, ("b",)): Decimal(2),
        (kept, ("c",)): Decimal(1),
    }
    after = fold(before, 2)
    assert after.amounts == {(kept, ("a",)): Decimal(3), (kept, (OTHER,)): Decimal(1003)}
