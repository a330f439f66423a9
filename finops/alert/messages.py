"""Notices of one evaluation -> messages, each with the idempotency key that it keeps on every try."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from finops.model.evaluation import Track
from finops.model.folding import urgency
from finops.model.message import Message, OutgoingNotice

MOST_TRACKS = 3
"""Notices of a message that carry the days behind them: more charts than that nobody looks at, and they are large."""

_NAMESPACE = uuid.UUID("5d0e6a0c-6c55-4b0e-9f2d-0d3f0b7a5c1e")


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notice, the receiver that it is for, and the place of the route that leads there (-1: none does any more)."""

    receiver: str
    route: int
    outgoing: OutgoingNotice


def to_messages(
    evaluation_id: str,
    addressed: Iterable[Addressed],
    *,
    limits: Mapping[str, int] | None = None,
    tracks: Mapping[tuple[str, str], Track] | None = None,
) -> tuple[Message, ...]:
    """One message for each receiver, route and owner, the most urgent notice first; the order of arguments does not
    matter.

    ``limits``: the most notices that a message to a receiver may hold; others get all in one. ``tracks``: the days
    behind a (policy, group label).
    """
    groups: dict[tuple[str, int, str], list[OutgoingNotice]] = {}
    for one in addressed:
        key = (one.receiver, one.route, one.outgoing.notice.finding.owner)
        groups.setdefault(key, []).append(one.outgoing)
    return tuple(
        message
        for key in sorted(groups)
        for message in _messages(evaluation_id, key, groups[key], (limits or {}).get(key[0]), tracks or {})
    )


def _messages(
    evaluation_id: str,
    key: tuple[str, int, str],
    outgoing: list[OutgoingNotice],
    limit: int | None,
    tracks: Mapping[tuple[str, str], Track],
) -> Iterator[Message]:
    receiver, route, owner = key
    ordered = sorted(outgoing, key=lambda one: urgency(one.notice))
    for part, first in enumerate(range(0, len(ordered), limit or len(ordered))):
        own = ordered[first : first + (limit or len(ordered))]
        own[:MOST_TRACKS] = [_with_track(one, tracks) for one in own[:MOST_TRACKS]]
        identity = "\x1f".join((evaluation_id, receiver, str(route), owner, str(part)))
        yield Message(str(uuid.uuid5(_NAMESPACE, identity)), receiver, own[0].notice.reason, tuple(own))


def _with_track(one: OutgoingNotice, tracks: Mapping[tuple[str, str], Track]) -> OutgoingNotice:
    finding = one.notice.finding
    return replace(one, notice=replace(one.notice, track=tracks.get((finding.policy, finding.group_label))))
