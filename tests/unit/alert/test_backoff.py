"""When a message is tried again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from finops.alert import Backoff

BACKOFF = Backoff()


@given(st.integers(1, 10_000), st.integers())
def test_a_delay_is_within_its_bounds(attempt: int, seed: int) -> None:
    delay = BACKOFF.delay(attempt, Random(seed))

    assert BACKOFF.first / 2 <= delay <= BACKOFF.longest
    if attempt <= 6:
        assert delay <= BACKOFF.first * 2 ** (attempt - 1)
        assert delay >= BACKOFF.first * 2 ** (attempt - 1) / 2


def test_a_wish_is_honoured_where_it_is_longer() -> None:
    assert BACKOFF.delay(1, Random(1), wish_seconds=3600) == timedelta(hours=1)
    assert BACKOFF.delay(9, Random(1), wish_seconds=1) > timedelta(minutes=14)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_wish_waits_for_ever(wish: float) -> None:
    assert BACKOFF.delay(1, Random(1), wish_seconds=wish) <= BACKOFF.longest_wish


def test_two_deliverers_do_not_come_back_together() -> None:
    assert len({BACKOFF.delay(5, Random(seed)) for seed in range(20)}) == 20
