"""A process that does not do its work says so, whatever its wall clock says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finops.model.operations import evaluation_bound
from finops.service.liveness import RUNNER_SECONDS, TICK_SECONDS, Liveness

BOUND = evaluation_bound(timedelta(hours=1)).total_seconds()


class Watched:
    def __init__(self, *, leads: bool = True) -> None:
        self.seconds = self.beat = 500.0
        self.liveness = Liveness(lambda: self.seconds, timedelta(hours=1))
        self.liveness.watch(leads=lambda: leads, beat=lambda: self.beat)

    def later(self, seconds: float, *but: str) -> None:
        """Time passes, and everything works but what is named."""
        self.seconds += seconds
        if "beat" not in but:
            self.beat = self.seconds
        for name in ("ticked", "evaluated", "shown"):
            if name not in but:
                getattr(self.liveness, name)()


def test_one_that_works_is_well() -> None:
    watched = Watched()
    for _ in range(100):
        watched.later(3000)
        assert (watched.liveness.dead(), watched.liveness.stale()) == ("", "")


@pytest.mark.parametrize(
    ("stopped", "bound", "said"),
    [
        ("beat", RUNNER_SECONDS, "the scheduler has not run for"),
        ("ticked", TICK_SECONDS, "leadership has not been checked for"),
        ("evaluated", BOUND, "no evaluation has ended for"),
    ],
)
def test_what_has_stopped_is_named(stopped: str, bound: float, said: str) -> None:
    watched = Watched()
    watched.later(bound, stopped)
    assert watched.liveness.dead() == ""
    watched.later(1, stopped)
    assert said in watched.liveness.dead()
    assert said in watched.liveness.stale()


def test_a_follower_whose_leader_is_gone_is_alive_and_not_ready() -> None:
    follower = Watched(leads=False)
    follower.later(BOUND + 1, "evaluated", "shown")
    assert follower.liveness.dead() == ""
    assert "no new evaluation for" in follower.liveness.stale()
    follower.later(1)
    assert follower.liveness.stale() == ""
