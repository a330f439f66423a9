"""Rows are counted once, whatever the pieces that they come in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from finops.lake.rollup.counted import Counted
from finops.lake.tables.measure import measure
from finops.lake.tables.memory_limits import MemoryLimits
from tests.support.bills import APRIL, MARCH, line, rows


@pytest.mark.parametrize("together", [1, 7, 1000])
def test_pieces_of_any_size_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(MemoryLimits, "rows_together", together)
    march = rows(*(line(Decimal(number), day=number) for number in range(1, 29)))
    april = rows(*(line("0.01", period=APRIL, currency="USD") for _ in range(3)))
    pieces = [*march.iter_slices(5), april, *march.iter_slices(1), march.clear()]
    counted = Counted(None, MemoryLimits())
    with ThreadPoolExecutor(4) as pool:
        passed = list(pool.map(counted, pieces))
    counted.finish()

    assert all(out.equals(piece) for out, piece in zip(passed, pieces, strict=True))
    assert counted.measured == {MARCH: measure(march) + measure(march), APRIL: measure(april)}
