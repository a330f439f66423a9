"""What goes wrong when in a drill, from a seed; and what is counted afterwards. Pure: no server, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

CALM_SECONDS = 75.0
"""At the end, nothing goes wrong any more: everything that waits arrives."""

EVERY_SECONDS = (8.0, 25.0)
"""Between two faults."""


class Kind(StrEnum):
    KILL = "a replica is killed, and started again"
    STOP = "a replica is stopped (SIGSTOP), and goes on"
    CLOCK = "a replica's clock is set, and set right again"
    HOOK_HANGS = "the webhook takes requests and does not answer"
    HOOK_DRIPS = "the webhook drips its answer"
    HOOK_REFUSES = "the webhook answers 503"
    MAIL_HANGS = "the mail server does not answer"
    POLICY = "a faulty policy file comes, and goes"
    RELOAD = "finops.yaml is faulty at a reload (SIGHUP)"
    DATABASE = "the database restarts"
    STORE = "the object store does not answer"
    DISK = "the disk for temporary files is full"


LONGEST_SECONDS: Mapping[Kind, float] = {
    Kind.KILL: 20,
    Kind.STOP: 45,
    Kind.CLOCK: 40,
    Kind.HOOK_HANGS: 40,
    Kind.HOOK_DRIPS: 40,
    Kind.HOOK_REFUSES: 40,
    Kind.MAIL_HANGS: 40,
    Kind.POLICY: 20,
    Kind.RELOAD: 10,
    Kind.DATABASE: 5,
    Kind.STORE: 20,
    Kind.DISK: 20,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """From ``at`` seconds after the start for ``seconds``. ``replica``: 0 or 1. ``step``: seconds a clock moves."""

    at: float
    seconds: float
    kind: Kind
    replica: int
    step: int = 0


def schedule(seed: int, seconds: float) -> list[Fault]:
    """The same for the same arguments."""
    random, at, faults = Random(seed), 20.0, []
    while True:
        at += random.uniform(*EVERY_SECONDS)
        kind = random.choice(list(Kind))
        lasts = random.uniform(2, LONGEST_SECONDS[kind])
        step = random.choice((-1, 1)) * random.randint(60, 7200)
        replica = random.randint(0, 1)
        if at + lasts > seconds - CALM_SECONDS:
            return faults
        faults.append(Fault(at, lasts, kind, replica, step if kind is Kind.CLOCK else 0))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that a receiver took: what it tells of, and the key by which a repeat is recognised."""

    receiver: str
    key: str
    subjects: tuple[str, ...]
    amounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """``repeats``: the same message under the same key, which a receiver drops. ``duplicates``: under another one."""

    lost: Sequence[str]
    duplicates: Sequence[str]
    wrong: Sequence[str]
    repeats: int


def count(written: Mapping[str, str], arrivals: Iterable[Arrival], receivers: Sequence[str]) -> Count:
    """``written``: what each receiver must be told of once, and its amount."""
    by_key: dict[tuple[str, str], Arrival] = {}
    repeats, wrong = 0, []
    for arrival in arrivals:
        repeats += (arrival.receiver, arrival.key) in by_key
        by_key[arrival.receiver, arrival.key] = arrival
    told: Counter[tuple[str, str]] = Counter()
    for (receiver, _), arrival in by_key.items():
        for subject in arrival.subjects:
            told[receiver, subject] += 1
            if subject not in written:
                wrong.append(f"{receiver}: {subject} was never written")
        wrong += [
            f"{receiver}: {subject} costs {amount}, not {written[subject]}"
            for subject, amount in zip(arrival.subjects, arrival.amounts, strict=False)
            if subject in written and amount != written[subject]
        ]
    return Count(
        lost=[f"{receiver}: {subject}" for receiver in receivers for subject in written if not told[receiver, subject]],
        duplicates=[
            f"{receiver}: {subject}, {times} times" for (receiver, subject), times in told.items() if times > 1
        ],
        wrong=wrong,
        repeats=repeats,
    )
