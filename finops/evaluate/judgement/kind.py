"""What a policy kind is to the engine: what it needs to see, and how it judges one group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import Outcome
from finops.model.finding import Severity, State
from finops.model.money import Money
from finops.model.period import Period
from finops.policy.kind import KindFormat


@dataclass(frozen=True, slots=True)
class Needs:
    """``window``: the days whose costs the rule sums (None: no costs). ``demand``: series by name.

    ``split_by``: text columns whose values tell the costs of a group apart (``GroupData.parts``). ``costs``: the cost
    columns that are told apart; by default only the policy's own. ``emissions``: the days whose emissions it sums.
    """

    window: Period | None
    demand: tuple[str, ...] = ()
    split_by: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    emissions: Period | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One group's verdict; the fields are those of ``finops.model.finding.Finding``.

    ``due``: the cumulative budget line over the days of ``period``, empty for kinds without a limit. ``lines``: further
    lines for charts, each aligned with the days of ``period`` from the first (see ``Track``). ``compared``: the days
    whose difference the drivers of a firing verdict explain; None where no cost changed.
    """

    state: State
    severity: Severity | None
    reason: str
    measure: str
    value: float | None
    limit: float | None
    currency: str
    period: Period
    amount: Mapping[str, Money] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    due: tuple[Decimal, ...] = ()
    lines: Mapping[str, tuple[Decimal | None, ...]] = field(default_factory=dict)
    demand: str = ""
    notes: tuple[str, ...] = ()
    compared: ComparedDays | None = None

    @classmethod
    def of(
        cls,
        outcome: Outcome,
        *,
        currency: str,
        period: Period,
        amount: Mapping[str, Money] | None = None,
        measures: Mapping[str, float] | None = None,
        due: tuple[Decimal, ...] = (),
        lines: Mapping[str, tuple[Decimal | None, ...]] | None = None,
        demand: str = "",
        notes: tuple[str, ...] = (),
        compared: ComparedDays | None = None,
    ) -> Verdict:
        """What the alerts made of the readings, with the numbers behind it."""
        return cls(
            outcome.state,
            outcome.severity,
            outcome.reason,
            outcome.measure,
            outcome.value,
            outcome.limit,
            currency,
            period,
            amount or {},
            measures or {},
            due,
            {} if lines is None else lines,
            demand,
            notes,
            compared,
        )


@dataclass(frozen=True, slots=True)
class ComparedDays:
    """The cost of the days ``after`` is held against that of the days ``before``, which is scaled to as many days.

    ``demand_growth``: by how much (0.1 for 10 %) demand grew between the two, where the rule knows a demand; it tells
    how much of the change demand explains. ``within``: only rows whose columns have one of these values count (the
    empty text is no value), and ``of`` says in words what they are. ``by``: columns of ``finops.evaluate.drivers`` that
    drivers are named by before all others.
    """

    before: tuple[date, ...]
    after: tuple[date, ...]
    demand_growth: float | None = None
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: str = ""
    by: tuple[str, ...] = ()


class PolicyKind(KindFormat, Protocol):
    """A class for the entry point group ``finops.policy_kinds``; an instance is the rule of one policy."""

    def needs(self, moment: Moment) -> Needs: ...

    def judge(self, data: GroupData) -> Verdict:
        """Pure: the same facts give the same verdict."""
        ...

    def explain(self, data: GroupData) -> list[str]:
        """The arithmetic behind ``judge``, one line a step."""
        ...


class JudgesByDay(Protocol):
    """What a kind is besides, where a verdict can stand for longer than a moment."""

    @property
    def by_day(self) -> bool:
        """Whether ``judge`` looks at no time of day: neither at ``Moment.as_of`` nor at more of a source than its name,
        ``complete_through`` and the last day that is settled. Where all of that is as it was, it is not asked again."""
        ...


class JudgesTogether(Protocol):
    """What a kind is besides, where many groups and days together cost less than each alone."""

    def judge_together(self, data: Sequence[GroupData]) -> list[Verdict]:
        """What ``judge`` says of each of them, in order; no verdict depends on the facts beside it."""
        ...
