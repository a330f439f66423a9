"""What became better or worse since the day before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops.model.finding import State
from finops.model.verdict_day import VerdictDay
from finops_exporters import words
from finops_exporters.pages.snapshot_index import TONES, Verdict


@dataclass(frozen=True, slots=True)
class Turn:
    """``before``: its state the day before, in words; ``worse``: towards more urgent."""

    address: str
    name: str
    group: Sequence[tuple[str, str]]
    tone: str
    state: str
    before: str
    worse: bool


def turns(verdicts: Sequence[Verdict], before: Mapping[str, VerdictDay]) -> list[Turn]:
    """What turned worse first. A verdict that was not there the day before has not turned."""
    found = []
    for verdict in verdicts:
        earlier = before.get(verdict.place)
        if earlier is None:
            continue
        tone = _tone(earlier)
        if tone == verdict.tone:
            continue
        found.append(
            Turn(
                verdict.finding.page,
                words.shown(verdict.finding.policy),
                verdict.group,
                verdict.tone,
                verdict.state,
                words.TONES[tone],
                worse=TONES.index(verdict.tone) < TONES.index(tone),
            )
        )
    return sorted(found, key=lambda turn: (not turn.worse, TONES.index(turn.tone), turn.name))


def _tone(day: VerdictDay) -> str:
    if day.state is State.FIRING:
        return day.severity.value if day.severity else "warning"
    return day.state.value
