"""Notices of one evaluation -> messages, each with the idempotency key that it keeps on every try."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from finops.model.message import Message, OutgoingNotice

MOST_NOTICES_A_MESSAGE = 100
"""A first evaluation of many policies must not make a message that receivers refuse for its size."""

_NAMESPACE = uuid.UUID("5d0e6a0c-6c55-4b0e-9f2d-0d3f0b7a5c1e")


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notice and the receiver that it is for."""

    receiver: str
    outgoing: OutgoingNotice


def to_messages(evaluation_id: str, addressed: Iterable[Addressed]) -> tuple[Message, ...]:
    """One message for each receiver and reason, at most 100 notices each; the order of arguments does not matter."""
    return tuple(_messages(evaluation_id, sorted(addressed, key=_order)))


def _messages(evaluation_id: str, ordered: Iterable[Addressed]) -> Iterator[Message]:
    for (receiver, reason), group in itertools.groupby(ordered, key=lambda a: (a.receiver, a.outgoing.notice.reason)):
        notices = [addressed.outgoing for addressed in group]
        for part, first in enumerate(range(0, len(notices), MOST_NOTICES_A_MESSAGE)):
            key = uuid.uuid5(_NAMESPACE, "\x1f".join((evaluation_id, receiver, reason.value, str(part))))
            yield Message(str(key), receiver, reason, tuple(notices[first : first + MOST_NOTICES_A_MESSAGE]))


def _order(addressed: Addressed) -> tuple[str, str, str, str]:
    notice = addressed.outgoing.notice
    return addressed.receiver, notice.reason.value, notice.finding.policy, notice.finding.group_label
