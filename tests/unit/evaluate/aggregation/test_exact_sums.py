"""Amounts in two parts of 64 bits: nothing is lost on the way in and out, and what would not fit is refused."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finops.evaluate.array_kernel.exact_sums import SHIFT, SplitAmounts, split
from finops.model.money import EXACT

_units = st.integers(-(10**24), 10**24)


def amounts(units: list[int], scale: int = 15) -> pl.Series:
    return pl.Series([Decimal(unit).scaleb(-scale, context=EXACT) for unit in units], dtype=pl.Decimal(38, scale))


@given(st.lists(_units, min_size=1, max_size=9), st.sampled_from([0, 2, 15]))
def test_sums_of_the_parts_are_the_sum(units: list[int], scale: int) -> None:
    parts = SplitAmounts.of(amounts(units, scale))
    assert parts is not None
    assert (parts.low >= 0).all()
    high, low = ([column[:1].sum(), column.sum()] for column in (parts.high, parts.low))
    found = parts.sums(np.array(high), np.array(low))
    assert found.to_list() == [Decimal(unit).scaleb(-scale, context=EXACT) for unit in (units[0], sum(units))]


@given(st.lists(st.integers(-(10**37), 10**37), max_size=9), st.integers(0, 8), st.integers(0, 9))
@example([2**90 + 5, -(2**90) - 7, 3], 0, 3)  # too large for the machine
@example([1, -2, 3], 1, 2)  # in the middle of a column
def test_each_amount_is_its_two_parts_whatever_part_of_a_column_it_is(units: list[int], start: int, end: int) -> None:
    high, low = split(amounts(units)[start:end])
    assert [(int(one) << SHIFT) + int(other) for one, other in zip(high, low, strict=True)] == units[start:end]


@pytest.mark.parametrize("edge", [2**80 - 1, -(2**80)])
def test_what_fits_is_added_by_the_machine_and_the_next_larger_by_python(edge: int) -> None:
    beyond = edge + (1 if edge > 0 else -1)
    assert split(amounts([edge]))[0].dtype == np.int64
    assert {part.dtype for part in split(amounts([0, beyond]))} == {np.dtype(object)}


def test_sums_that_could_outgrow_the_machine_are_refused() -> None:
    largest, smallest = (2**60 - 1) * 2**64 - 1, -(2**60 - 2) * 2**64
    for edge, step in ((largest, 1), (smallest, -1)):
        assert SplitAmounts.of(amounts([edge])) is not None
        assert SplitAmounts.of(amounts([edge + step])) is None
        assert SplitAmounts.of(amounts([edge] * 2)) is None  # the sum of two would not fit


@pytest.mark.parametrize("column", [pl.Series([1, 2]), pl.Series([Decimal(1), None], dtype=pl.Decimal(38, 15))])
def test_no_amounts_and_missing_ones_are_refused(column: pl.Series) -> None:
    assert SplitAmounts.of(column) is None
    with pytest.raises(TypeError, match="is not a column of amounts"):
        split(column)


def test_no_amount_at_all() -> None:
    parts = SplitAmounts.of(amounts([]))
    assert parts is not None
    assert parts.sums(parts.high, parts.low).to_list() == []
