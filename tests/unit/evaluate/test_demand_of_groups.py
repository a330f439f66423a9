"""Which rows of a demand series count for a group."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.evaluate.cases.demand import Demand, Row

values = st.dictionaries(st.sampled_from(["team", "region", "stage"]), st.sampled_from(["a", "b"]))
rows = st.lists(
    st.tuples(
        st.integers(1, 4).map(lambda day: date(2026, 3, day)),
        values,
        st.decimals(-99, 99, places=2, allow_nan=False),
    ),
    max_size=8,
)


@given(rows, st.lists(values, min_size=1, max_size=3))
def test_a_row_counts_for_every_group_that_has_no_other_value(found: list[Row], groups: list[dict[str, str]]) -> None:
    demand = Demand({"orders": tuple(found)})
    for group in groups:
        expected: dict[date, Decimal] = {}
        for day, dimensions, value in found:
            if all(group[name] == dimensions[name] for name in dimensions.keys() & group.keys()):
                expected[day] = expected.get(day, Decimal(0)) + value
        assert demand.of(["orders"], group) == {"orders": expected}
