"""A snapshot as the first page tells it: the headline, the budgets in order of urgency, what else was checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity, State
from finops.model.snapshot import Snapshot
from finops_exporters.pages import words
from finops_exporters.pages.card import Card, card_of, reason_of, state_words, tone_of, tracks_by_place
from finops_exporters.pages.changed import Changed, changed_of

Draw = Callable[[Track, date], str | None]
MOST_CALM_CHECKS = 12
"""A policy with a group for each service has a hundred verdicts that are well: more than this are folded away."""
_TONES = ("critical", "warning", "info", "unknown", "ok")


@dataclass(frozen=True, slots=True)
class OtherCheck:
    """A verdict of any kind but Budget."""

    anchor: str
    name: str
    kind: str
    group: tuple[tuple[str, str], ...]
    owner: str
    tone: str
    state: str
    reason: str
    changed: Changed | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many budgets share a state."""

    tone: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    headline: str
    lead: str
    tallies: tuple[Tally, ...]
    cards: tuple[Card, ...]
    checks: tuple[OtherCheck, ...]
    folded: tuple[OtherCheck, ...]
    """Checks that are well, where they are too many to stand beside those that are not."""
    evaluated: str
    evaluated_iso: str
    evaluation_took: str
    data_version: str


def overview_of(snapshot: Snapshot, draw: Draw) -> Overview:
    """``draw`` turns a track into SVG."""
    today = snapshot.as_of.astimezone(ZoneInfo(snapshot.timezone)).date()
    tracks = tracks_by_place(snapshot.tracks)
    cards = []
    budgets = sorted((f for f in snapshot.findings if f.kind == "Budget"), key=_urgency)
    for finding in budgets:
        track = tracks.get((finding.policy, finding.group_label))
        cards.append(card_of(finding, track, draw(track, today) if track else None, today))
    others = sorted((f for f in snapshot.findings if f.kind != "Budget"), key=_urgency)
    calm = [finding for finding in others if finding.state is State.OK]
    folded = calm if len(calm) > MOST_CALM_CHECKS else []
    return Overview(
        headline=_headline(budgets, others),
        lead=_lead(budgets, others),
        tallies=_tallies(budgets),
        cards=tuple(cards),
        checks=tuple(_check(finding) for finding in others if finding not in folded),
        folded=tuple(_check(finding) for finding in folded),
        evaluated=words.minute(snapshot.as_of),
        evaluated_iso=snapshot.as_of.isoformat(),
        evaluation_took=f"{snapshot.evaluated_seconds:.1f} s",
        data_version=", ".join(f"{k} {v}" for k, v in snapshot.data_version.to_json().items() if v is not None),
    )


def _urgency(finding: Finding) -> tuple[int, float, str, str]:
    """Firing first, the worst of them first; then what cannot be judged; then what is well."""
    used = finding.measures.get("pace") or finding.measures.get("spent") or 0.0
    return _TONES.index(tone_of(finding)), -used, finding.policy, finding.group_label


def _headline(budgets: list[Finding], others: list[Finding]) -> str:
    total = len(budgets)
    if total == 0:
        return "No budgets yet" if others else "No policies yet"
    firing, unknown = _in_state(budgets, State.FIRING), _in_state(budgets, State.UNKNOWN)
    if total == 1:
        return f"The budget {'is over its line' if firing else 'cannot be judged yet' if unknown else 'is on track'}"
    if firing:
        return f"{firing:,} of {total:,} budgets {'is over its' if firing == 1 else 'are over their'} line"
    if unknown == total:
        return "No budget can be judged yet"
    calm = total - unknown
    return f"{calm:,} of {total:,} budgets {_is(calm)} on track" if unknown else f"All {total:,} budgets are on track"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _lead(budgets: list[Finding], others: list[Finding]) -> str:
    sentences = []
    by_severity = [
        words.count(len([f for f in budgets if f.state is State.FIRING and f.severity is severity]), one, many)
        for severity, one, many in (
            (Severity.CRITICAL, "critical", "critical"),
            (Severity.WARNING, "warning", "warnings"),
            (Severity.INFO, "notice", "notices"),
        )
        if any(f.state is State.FIRING and f.severity is severity for f in budgets)
    ]
    if by_severity:
        sentences.append(f"{words.listed(by_severity)}.")
    unknown = _in_state(budgets, State.UNKNOWN)
    if unknown and unknown < len(budgets):
        sentences.append(f"{words.count(unknown, 'budget')} cannot be judged, because data is missing.")
    loud = _in_state(others, State.FIRING)
    if loud:
        sentences.append(f"{words.count(loud, 'other check')} {'asks' if loud == 1 else 'ask'} for attention.")
    return " ".join(sentences)


def _in_state(findings: Iterable[Finding], state: State) -> int:
    return sum(finding.state is state for finding in findings)


def _tallies(budgets: list[Finding]) -> tuple[Tally, ...]:
    found = {tone_of(finding): state_words(finding) for finding in budgets}
    tones = [tone_of(finding) for finding in budgets]
    return tuple(Tally(tone, found[tone], tones.count(tone)) for tone in _TONES if tone in found)


def _check(finding: Finding) -> OtherCheck:
    return OtherCheck(
        anchor=finding.anchor,
        name=finding.policy,
        kind=finding.kind,
        group=tuple(sorted(finding.group.items())),
        owner=finding.owner,
        tone=tone_of(finding),
        state=state_words(finding),
        reason=reason_of(finding),
        changed=changed_of(finding),
    )
