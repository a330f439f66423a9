"""A statement goes to each receiver once; what failed waits, what was parked stays away."""

from __future__ import annotations

from datetime import date, timedelta

from finops.model.message import DeliveryOutcome
from finops.state import State
from tests.support.verdicts import T0

OCTOBER = date(2026, 10, 1)


def receivers(state: State, *, minutes: int = 0, month: date = OCTOBER) -> list[tuple[str, int]]:
    now = T0 + timedelta(minutes=minutes)
    found = state.statements.due("monthly", month, ["finance", "board"], now=now)
    return [(one.receiver, one.attempts) for one in found]


def test_each_receiver_gets_each_month_once(state: State) -> None:
    assert receivers(state) == [("board", 0), ("finance", 0)]
    for delivery in state.statements.due("monthly", OCTOBER, ["finance", "board"], now=T0):
        state.statements.ended(delivery, DeliveryOutcome.DELIVERED, at=T0, answer="taken")
    assert receivers(state) == []
    assert receivers(state, month=date(2026, 11, 1)) == [("board", 0), ("finance", 0)]
    assert state.outbox.delivery_counts()["finance", DeliveryOutcome.DELIVERED] == 1


def test_what_failed_waits_and_is_tried_again(state: State) -> None:
    board, finance = state.statements.due("monthly", OCTOBER, ["finance", "board"], now=T0)
    again_at = T0 + timedelta(minutes=30)
    state.statements.ended(board, DeliveryOutcome.FAILED, at=T0, answer="busy", again_at=again_at)
    state.statements.ended(finance, DeliveryOutcome.PARKED, at=T0, answer="no such mailbox")
    assert receivers(state, minutes=29) == []
    (later,) = state.statements.due("monthly", OCTOBER, ["finance", "board"], now=again_at)
    assert (later.receiver, later.attempts, later.created_at) == ("board", 1, T0)
    assert later.idempotency_key == board.idempotency_key != finance.idempotency_key


def test_a_receiver_that_is_named_later_gets_it_too(state: State) -> None:
    (only,) = state.statements.due("monthly", OCTOBER, ["finance"], now=T0)
    state.statements.ended(only, DeliveryOutcome.DELIVERED, at=T0, answer="taken")
    assert receivers(state) == [("board", 0)]
