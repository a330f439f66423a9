"""Verdicts that stay as long as nothing that they were made from is another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.evaluate.rule import PolicyKind, Verdict
from finops.evaluate.verdicts import verdicts_of
from finops.model.evaluation import Settings, Track

if TYPE_CHECKING:  # cases are gathered by the memory that keeps their verdicts
    from finops.evaluate.gathering import Case


@dataclass(slots=True)
class Judged:
    """One case's verdict, and its ``track`` once somebody has made it (None: it has none)."""

    basis: Basis
    verdict: Verdict
    track: Track | None = None
    drawn: bool = False


class Verdicts:
    """Those of the newest evaluation. Not for two threads at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], Judged] = {}
        self._settings: Settings | None = None

    def of(self, cases: Sequence[Case]) -> list[Judged]:
        """One a case, in order: what ``verdicts_of`` says; judged are only those that look at something new."""
        settings = cases[0].facts.moment.settings if cases else None
        if settings != self._settings:
            self._known, self._settings = {}, settings
        keys = [(case.policy.name, tuple(case.facts.group.values())) for case in cases]
        bases = [Basis.of(case) for case in cases]
        kept = [self._kept(*one) for one in zip(keys, bases, strict=True)]
        new = [case for case, known in zip(cases, kept, strict=True) if known is None]
        verdicts = iter(verdicts_of(new))
        found = [
            known if known is not None else Judged(basis, next(verdicts))
            for known, basis in zip(kept, bases, strict=True)
        ]
        self._known = dict(zip(keys, found, strict=True))
        return found

    def _kept(self, key: tuple[str, tuple[str, ...]], basis: Basis) -> Judged | None:
        known = self._known.get(key)
        return known if known is not None and known.basis.same(basis) else None


@dataclass(frozen=True, slots=True)
class Basis:
    """All that a rule can look at but the settings. What is summed never changes, so it is told by the object;
    ``values`` are compared. Of the time of day a rule that judges by days knows only what became of it: the days that
    are settled and due."""

    rule: PolicyKind
    daily: object
    parts: Mapping[str, object]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, case: Case) -> Basis:
        facts, moment = case.facts, case.facts.moment
        time: object = moment.as_of, facts.sources, facts.silent
        if _by_day(case.rule):
            reached = [(one.source, one.complete_through, moment.settled_through(one)) for one in facts.sources]
            time = moment.last_day_due, reached, [one.source for one in facts.silent]
        values = moment.today, time, facts.group, facts.seen, facts.unknown_costs, facts.demand, facts.emitted
        return cls(case.rule, facts.daily, facts.parts, values)

    def same(self, other: Basis) -> bool:
        return (
            self.rule is other.rule
            and self.daily is other.daily
            and self.parts.keys() == other.parts.keys()
            and all(part is other.parts[cost] for cost, part in self.parts.items())
            and self.values == other.values
        )


def _by_day(rule: PolicyKind) -> bool:
    """``isinstance`` looks through a protocol anew each time, which takes longer than a verdict."""
    return bool(getattr(rule, "by_day", False))
