"""What paid requests cost is booked before they are sent, and a limit holds whoever books."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from finops.state import State, open_state
from tests.support.verdicts import T0, MovableClock

DAY = date(2026, 3, 1)
CENT, DOLLAR = Decimal("0.01"), Decimal("1.00")


def test_nothing_was_spent_before_the_first_booking(state: State) -> None:
    assert state.request_costs.spent("aws", DAY) == 0


def test_a_limit_is_reached_and_never_passed(state: State) -> None:
    booked = [state.request_costs.book("aws", DAY, CENT, most_usd=Decimal("0.03")) for _ in range(5)]
    assert booked == [True, True, True, False, False]
    assert state.request_costs.spent("aws", DAY) == Decimal("0.03")


def test_days_and_sources_have_limits_of_their_own(state: State) -> None:
    for source, day in (("aws", DAY), ("aws", DAY + timedelta(days=1)), ("other", DAY)):
        assert state.request_costs.book(source, day, CENT, most_usd=CENT)
    assert not state.request_costs.book("aws", DAY, CENT, most_usd=CENT)


def test_a_restart_forgets_nothing(state_url: str, tmp_path: Path, clock: MovableClock) -> None:
    for expected in (True, True, False):
        opened = open_state(state_url, base=tmp_path, clock=clock)
        assert opened.request_costs.book("aws", DAY, CENT, most_usd=Decimal("0.02")) is expected
        opened.close()


def test_many_at_once_stay_within_the_limit(state: State) -> None:
    with ThreadPoolExecutor(4) as pool:
        booked = list(pool.map(lambda _: state.request_costs.book("aws", DAY, CENT, most_usd=CENT * 7), range(20)))
    assert booked.count(True) == 7
    assert state.request_costs.spent("aws", DAY) == CENT * 7


def test_old_days_are_pruned(state: State, clock: MovableClock) -> None:
    old, today = T0.date() - timedelta(days=500), T0.date()
    for day in (old, today):
        assert state.request_costs.book("aws", day, CENT, most_usd=DOLLAR)
    state.prune(keep=timedelta(days=400))
    assert [state.request_costs.spent("aws", day) for day in (old, today)] == [0, CENT]
