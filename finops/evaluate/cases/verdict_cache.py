"""Verdicts that stay as long as nothing that they were made from is another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finops.evaluate.cases.case import Case, judge_cases
from finops.evaluate.judgement.kind import AnyKind, Verdict
from finops.model.evaluation import Settings, Track


@dataclass(slots=True)
class CachedVerdict:
    """One case's verdict, and its ``track`` once somebody has made it (None: it has none)."""

    basis: Basis
    verdict: Verdict
    track: Track | None = None
    drawn: bool = False


class VerdictCache:
    """Those of the newest evaluation. Not for two threads at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], CachedVerdict] = {}
        self._settings: Settings | None = None

    def of(self, cases: Sequence[Case]) -> list[CachedVerdict]:
        """One a case, in order: what ``judge_cases`` says; judged are only those that look at something new."""
        settings = cases[0].data.moment.settings if cases else None
        if settings != self._settings:
            self._known, self._settings = {}, settings
        keys = [(case.policy.name, tuple(case.data.group.values())) for case in cases]
        bases = [Basis.of(case) for case in cases]
        kept = [self._kept(*one) for one in zip(keys, bases, strict=True)]
        new = [case for case, known in zip(cases, kept, strict=True) if known is None]
        verdicts = iter(judge_cases(new))
        found = [
            known if known is not None else CachedVerdict(basis, next(verdicts))
            for known, basis in zip(kept, bases, strict=True)
        ]
        self._known = dict(zip(keys, found, strict=True))
        return found

    def _kept(self, key: tuple[str, tuple[str, ...]], basis: Basis) -> CachedVerdict | None:
        known = self._known.get(key)
        return known if known is not None and known.basis.same(basis) else None


@dataclass(frozen=True, slots=True)
class Basis:
    """All that a rule can look at but the settings. What is summed never changes, so it is told by the object;
    ``values`` are compared. Of the time of day a rule that judges by days knows only what became of it: the days that
    are settled and due."""

    rule: AnyKind
    daily: object
    parts: Mapping[str, object]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, case: Case) -> Basis:
        data, moment = case.data, case.data.moment
        time: object = moment.as_of, data.sources, data.silent
        if case.rule.by_day:
            reached = [(one.source, one.complete_through, moment.settled_through(one)) for one in data.sources]
            time = moment.last_day_due, reached, [one.source for one in data.silent]
        values = (
            case.fault,
            moment.today,
            time,
            data.group,
            data.seen,
            data.unknown_costs,
            data.demand,
            data.emitted,
            data.agreements,
            data.ended,
            data.bills_begin,
            data.broken,
            data.old_data,
            data.whole,
            data.incidents,
        )
        return cls(case.rule, data.daily, data.parts, values)

    def same(self, other: Basis) -> bool:
        return (
            self.rule is other.rule
            and self.daily is other.daily
            and self.parts.keys() == other.parts.keys()
            and all(part is other.parts[cost] for cost, part in self.parts.items())
            and self.values == other.values
        )
