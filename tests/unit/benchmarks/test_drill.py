"""A drill's seed says what goes wrong, and its count misses nothing."""

from __future__ import annotations

from benchmarks.drill_schedule import CALM_SECONDS, LONGEST_SECONDS, Arrival, Count, Kind, count, schedule

WRITTEN = {"probe-1": "150.00", "probe-2": "150.00"}


def arrival(key: str, *subjects: str, receiver: str = "hook", amount: str = "150.00") -> Arrival:
    return Arrival(receiver, key, subjects, tuple(amount for _ in subjects))


def test_a_seed_reproduces_its_schedule_and_others_differ() -> None:
    assert schedule(7, 1800) == schedule(7, 1800)
    assert schedule(7, 1800) != schedule(8, 1800)


def test_every_fault_comes_and_ends_before_the_calm() -> None:
    faults = [fault for seed in range(20) for fault in schedule(seed, 1800)]
    assert {fault.kind for fault in faults} == set(Kind) == set(LONGEST_SECONDS)
    assert all(fault.at > 0 and fault.at + fault.seconds <= 1800 - CALM_SECONDS for fault in faults)


def test_what_arrived_once_is_right_and_a_repeat_under_its_key_is_none() -> None:
    found = count(WRITTEN, [arrival("a", "probe-1"), arrival("a", "probe-1"), arrival("b", "probe-2")], ["hook"])
    assert found == Count(lost=[], duplicates=[], wrong=[], repeats=1)


def test_what_is_lost_doubled_or_wrong_is_named() -> None:
    arrivals = [arrival("a", "probe-1"), arrival("b", "probe-1", amount="1.00"), arrival("c", "probe-9")]
    found = count(WRITTEN, arrivals, ["hook", "mail"])
    assert found.lost == ["hook: probe-2", "mail: probe-1", "mail: probe-2"]
    assert found.duplicates == ["hook: probe-1, 2 times"]
    assert found.wrong == ["hook: probe-1 costs 1.00, not 150.00", "hook: probe-9 was never written"]
