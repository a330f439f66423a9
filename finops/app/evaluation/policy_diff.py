"""What a change of policy files changes: verdicts of now, and alerts and unknown days of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from finops.app.evaluation.backtest import backtest
from finops.app.evaluation.evaluate import Evaluator
from finops.evaluate.backtest import DayVerdict, GroupDays
from finops.model.finding import Group, State, group_label
from finops.model.period import Period
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Outcome:
    """One group on one side. ``alerts``: that would have gone out; ``unknown``: days."""

    now: DayVerdict
    alerts: int
    unknown: int


@dataclass(frozen=True, slots=True)
class GroupChange:
    """None: there is no such policy or group on that side."""

    policy: str
    group: Group
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """Names of policies, and each group of theirs whose outcome differs, by policy and group."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    period: Period
    groups: tuple[GroupChange, ...]

    @property
    def is_empty(self) -> bool:
        """Comments, layout and places of files change no policy."""
        return not (self.added or self.changed or self.removed)


def compare_policies(
    evaluator: Evaluator,
    base: Sequence[Policy],
    head: Sequence[Policy],
    period: Period,
    *,
    now: datetime,
    done: Callable[[date], None] = lambda _day: None,
) -> PolicyDiff:
    """Both sides on the same data; policies that are the same on both are not evaluated. Raises what stores raise."""
    old, new = ({policy.name: policy for policy in side} for side in (base, head))
    changed = tuple(sorted(name for name in old.keys() & new.keys() if old[name].digest != new[name].digest))
    added, removed = tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys()))
    outcomes = []
    for side, names in ((old, (*changed, *removed)), (new, (*changed, *added))):
        concerned = [side[name] for name in names]
        tested = backtest(evaluator, concerned, period, now=now, done=done).groups if concerned else ()
        outcomes.append({(one.policy.name, group_label(one.group)): one for one in tested})
    groups = tuple(_changes(*outcomes))
    return PolicyDiff(added, changed, removed, period, groups)


def _changes(
    before: dict[tuple[str, str], GroupDays], after: dict[tuple[str, str], GroupDays]
) -> Iterator[GroupChange]:
    for key in sorted(before.keys() | after.keys()):
        sides = [side.get(key) for side in (before, after)]
        outcomes = [_outcome(one) if one is not None else None for one in sides]
        if outcomes[0] != outcomes[1]:
            known = next(one for one in reversed(sides) if one is not None)
            yield GroupChange(key[0], known.group, *outcomes)


def _outcome(one: GroupDays) -> Outcome:
    unknown = sum(verdict.state is State.UNKNOWN for verdict in one.days)
    return Outcome(one.days[-1], len(one.episodes), unknown)
