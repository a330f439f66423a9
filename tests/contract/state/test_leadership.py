"""A leader that falls silent is replaced, and can change nothing when it wakes up, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest

from finops.alert import apply
from finops.errors import NotLeading
from finops.model.route import Route
from finops.ports.state import Applied
from finops.state import State, open_state
from finops.state.leader import LEASE_SECONDS, TRUST_SECONDS
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def replica(state_url: str, tmp_path: Path, seconds: Seconds) -> Iterator[Callable[[], State]]:
    with ExitStack() as stack:

        def opened() -> State:
            made = open_state(state_url, base=tmp_path, clock=MovableClock(), monotonic=seconds)
            stack.callback(made.close)
            return made

        yield opened


@pytest.fixture
def one(replica: Callable[[], State]) -> State:
    return replica()


@pytest.fixture
def other(replica: Callable[[], State]) -> State:
    return replica()


def applied(state: State, *, hours: int = 0) -> Applied:
    at = T0 + hours * HOUR
    return apply(
        evaluation([verdict(as_of=at)], as_of=at),
        state.alerts,
        routes=[Route({}, ("finance",))],
        policies={"checkout-monthly"},
        link=link,
        now=at,
    ).outcome


def test_one_that_renews_its_lease_keeps_it(one: State, other: State, seconds: Seconds) -> None:
    for _ in range(10):
        assert one.leader.try_lead()
        assert not other.leader.try_lead()
        seconds.now += LEASE_SECONDS - 1
    assert not other.leader.holds()


def test_one_that_is_silent_stops_by_itself_before_another_one_begins(
    one: State, other: State, seconds: Seconds
) -> None:
    assert one.leader.try_lead()
    assert not other.leader.try_lead()
    seconds.now += TRUST_SECONDS
    assert not one.leader.holds()
    assert not other.leader.try_lead(), "its process lives: it holds the lock"
    seconds.now += LEASE_SECONDS - TRUST_SECONDS
    assert other.leader.try_lead()
    assert other.leader.holds()


def test_what_it_does_when_it_wakes_up_is_refused(one: State, other: State, seconds: Seconds) -> None:
    assert one.leader.try_lead()
    assert applied(one) is Applied.DONE
    assert not other.leader.try_lead()
    seconds.now += LEASE_SECONDS
    assert other.leader.try_lead()

    lease = T0 + timedelta(minutes=2)
    refused: list[Callable[[], object]] = [
        lambda: one.outbox.claim("finance", now=T0, lease_until=lease),
        lambda: applied(one, hours=1),
        lambda: one.snapshots.save(b"old", T0),
        lambda: one.statements.due("monthly", date(2026, 3, 1), ["finance"], now=T0),
        lambda: one.verdict_days.record([]),
    ]
    for write in refused:
        with pytest.raises(NotLeading, match="another replica is now the leader"):
            write()
    assert one.snapshots.latest() is None
    assert not one.leader.try_lead()
    assert other.outbox.claim("finance", now=T0, lease_until=lease) is not None
    assert other.leader.try_lead()
    assert applied(other, hours=1) is Applied.DONE


def test_the_lead_goes_to_and_fro(one: State, other: State, seconds: Seconds) -> None:
    assert one.leader.try_lead()
    for silent, next_one in ((one, other), (other, one), (one, other)):
        assert not next_one.leader.try_lead()
        seconds.now += LEASE_SECONDS
        assert next_one.leader.try_lead()
        assert not silent.leader.try_lead()
        next_one.snapshots.save(b"mine", T0)


def test_a_process_that_never_asked_to_lead_may_write(one: State, other: State) -> None:
    assert one.leader.try_lead()
    other.snapshots.save(b"a tool's", T0)
