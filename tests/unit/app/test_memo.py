"""Values that are kept as long as what they were made from stays the same."""

from __future__ import annotations

import pytest

from finops.memo import Memos


def test_each_origin_has_its_value_until_more_are_asked_for() -> None:
    memos: Memos[int] = Memos(2)
    assert [memos.of([1], lambda: 10), memos.of([2], lambda: 20)] == [10, 20]
    assert memos.of([1], lambda: 11) == 10
    assert memos.of([3], lambda: 30) == 30
    assert memos.of([1], lambda: 12) == 10
    assert memos.of([2], lambda: 21) == 21  # the least used one was forgotten


def test_nothing_is_a_value_and_an_error_is_none() -> None:
    memos: Memos[int | None] = Memos(1)
    with pytest.raises(ZeroDivisionError):
        memos.of("a", lambda: 1 // 0)
    assert memos.of("a", lambda: None) is None
    assert memos.of("a", lambda: 1) is None
