"""The deliverer against receivers that do anything."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import ClassVar

from finops.alert import Deliverer, DeliveryReport
from finops.alert.deliver import LEASE, MOST_MESSAGES_A_ROUND
from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused, Unreachable
from finops.model.message import Claim, DeliveryCounts, DeliveryOutcome, ParkedMessage
from finops.model.notice import Notice
from tests.support.verdicts import T0, MovableClock, deliver_due, notice


@dataclass
class Queue:
    """An outbox in memory: what is due, and what became of it."""

    due: list[Claim] = field(default_factory=list)
    ended: list[tuple[str, DeliveryOutcome, str]] = field(default_factory=list)
    again: dict[str, datetime] = field(default_factory=dict)
    leases: list[datetime] = field(default_factory=list)
    fails_to_mark: bool = False

    def add(self, receiver: str, *ids: str, attempt: int = 1, created_at: datetime = T0) -> Queue:
        self.due += [Claim(name, receiver, (notice(),), attempt, created_at, "token") for name in ids]
        return self

    def due_receivers(self, now: datetime) -> Sequence[str]:
        return sorted({claim.receiver for claim in self.due})

    def claim(
        self,
        receiver: str,
        *,
        now: datetime,
        lease_until: datetime,
        fold_before: datetime | None = None,
        most_notices: int | None = None,
    ) -> Claim | None:
        self.leases.append(lease_until)
        for claim in self.due:
            if claim.receiver == receiver:
                self.due.remove(claim)
                return claim
        return None

    def delivered(self, claim: Claim, *, at: datetime, answer: str) -> None:
        if self.fails_to_mark:
            raise Unreachable("the database is gone", where="state", remedy="Start it")
        self.ended.append((claim.message_id, DeliveryOutcome.DELIVERED, answer))

    def failed(self, claim: Claim, *, error: str, again_at: datetime) -> None:
        self.ended.append((claim.message_id, DeliveryOutcome.FAILED, error))
        self.again[claim.message_id] = again_at

    def parked(self, claim: Claim, *, at: datetime, error: str) -> None:
        self.ended.append((claim.message_id, DeliveryOutcome.PARKED, error))

    def pending_counts(self) -> Mapping[str, int]:
        raise NotImplementedError

    def delivery_counts(self) -> DeliveryCounts:
        raise NotImplementedError

    def parked_messages(self) -> Sequence[ParkedMessage]:
        raise NotImplementedError


@dataclass
class Fake:
    """Answers with what it is given, in turn; the last one for ever."""

    name: str
    answers: list[str | Exception] = field(default_factory=lambda: ["ok"])
    kind: str = "fake"
    most_notices: ClassVar[int | None] = None
    keys: list[str] = field(default_factory=list)
    waits_for: threading.Event | None = None
    sent: threading.Event = field(default_factory=threading.Event)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        if self.waits_for is not None:
            assert self.waits_for.wait(30)
        self.keys.append(idempotency_key)
        self.sent.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def deliver(queue: Queue, *receivers: Fake, now: datetime = T0) -> DeliveryReport:
    by_name = {receiver.name: receiver for receiver in receivers}
    return deliver_due(Deliverer(queue, by_name, MovableClock(now), random=Random(1)))


def failed(seconds: float | None = None) -> DeliveryFailed:
    return DeliveryFailed("HTTP 503", where="receiver a", remedy="Wait", retry_after_seconds=seconds)


def refused() -> DeliveryRefused:
    return DeliveryRefused("HTTP 404", where="receiver a", remedy="Check the address")


def test_nothing_due_is_nothing_done() -> None:
    assert deliver(Queue(), Fake("a")) == DeliveryReport()


def test_what_is_due_is_sent_under_its_own_key_and_marked() -> None:
    queue, receiver = Queue().add("a", "m1", "m2"), Fake("a")

    report = deliver(queue, receiver)

    assert receiver.keys == ["m1", "m2"]
    assert queue.ended == [("m1", DeliveryOutcome.DELIVERED, "ok"), ("m2", DeliveryOutcome.DELIVERED, "ok")]
    assert [(a.receiver, a.message_id, a.outcome) for a in report.attempts] == [
        ("a", "m1", DeliveryOutcome.DELIVERED),
        ("a", "m2", DeliveryOutcome.DELIVERED),
    ]
    assert queue.leases[0] == T0 + LEASE


def test_a_failure_waits_and_ends_the_round_for_its_receiver_only() -> None:
    queue = Queue().add("a", "m1", "m2").add("b", "m3")

    deliver(queue, Fake("a", [failed()]), Fake("b"))

    assert sorted((name, outcome) for name, outcome, _ in queue.ended) == [
        ("m1", DeliveryOutcome.FAILED),
        ("m3", DeliveryOutcome.DELIVERED),
    ]
    assert T0 < queue.again["m1"] <= T0 + timedelta(seconds=30)


def test_a_receiver_s_own_wish_is_honoured() -> None:
    queue = Queue().add("a", "m1")

    deliver(queue, Fake("a", [failed(3600)]))

    assert queue.again["m1"] == T0 + timedelta(hours=1)


def test_a_refusal_is_parked_and_the_next_one_is_sent() -> None:
    queue = Queue().add("a", "m1", "m2")

    deliver(queue, Fake("a", [refused(), "ok"]))

    assert [outcome for _, outcome, _ in queue.ended] == [DeliveryOutcome.PARKED, DeliveryOutcome.DELIVERED]
    assert "HTTP 404" in queue.ended[0][2]


def test_a_message_that_nobody_takes_for_days_is_parked() -> None:
    queue = Queue().add("a", "m1", attempt=150, created_at=T0 - timedelta(days=3))

    deliver(queue, Fake("a", [failed()]))

    [(_, outcome, error)] = queue.ended
    assert outcome is DeliveryOutcome.PARKED
    assert error.startswith("given up after 150 attempts: ")


def test_what_an_operator_can_repair_is_tried_again() -> None:
    queue = Queue().add("a", "m1")

    deliver(queue, Fake("a", [AccessDenied("not set", where="{env: X}", remedy="Set X")]))

    assert [outcome for _, outcome, _ in queue.ended] == [DeliveryOutcome.FAILED]


def test_a_receiver_that_the_configuration_lost_keeps_its_messages() -> None:
    queue = Queue().add("gone", "m1")

    deliver(queue)

    assert queue.ended == [
        ("m1", DeliveryOutcome.FAILED, "finops.yaml: no receiver 'gone' is configured. Declare it under receivers:")
    ]


def test_a_fault_in_a_receiver_stops_nobody_and_shows_nothing() -> None:
    queue = Queue().add("a", "m1").add("b", "m2")

    deliver(queue, Fake("a", [RuntimeError("token=s3cr3t")]), Fake("b"))

    assert {name: outcome for name, outcome, _ in queue.ended} == {
        "m1": DeliveryOutcome.FAILED,
        "m2": DeliveryOutcome.DELIVERED,
    }
    assert "s3cr3t" not in str(queue.ended)


def test_a_receiver_that_hangs_is_in_nobody_s_way() -> None:
    queue, quick = Queue().add("a", "m1").add("b", "m2"), Fake("b")
    slow = Fake("a", waits_for=quick.sent)

    deliver(queue, slow, quick)

    assert quick.keys == ["m2"]
    assert slow.keys == ["m1"]


def test_a_store_that_fails_after_the_sending_is_reported() -> None:
    queue = Queue(fails_to_mark=True).add("a", "m1")

    report = deliver(queue, Fake("a"))

    assert [error.what for error in report.store_errors] == ["the database is gone"]


def test_a_round_is_bounded() -> None:
    queue, receiver = Queue().add("a", *(f"m{number}" for number in range(MOST_MESSAGES_A_ROUND + 5))), Fake("a")

    deliver(queue, receiver)

    assert len(receiver.keys) == MOST_MESSAGES_A_ROUND


def test_a_stopped_deliverer_sends_nothing_more() -> None:
    queue, receiver = Queue().add("a", "m1"), Fake("a")
    deliverer = Deliverer(queue, {"a": receiver}, MovableClock(), random=Random(1))
    deliverer.stop()

    assert deliver_due(deliverer) == DeliveryReport()
    assert receiver.keys == []
