"""What a policy kind is to the engine: what it needs to see, and how it judges one group."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import Outcome
from finops.model.budget_year import PlannedMonth, Revised
from finops.model.finding import Severity, State
from finops.model.incident import Sighting
from finops.model.kind_profile import KindProfile
from finops.model.money import Money
from finops.model.period import Period
from finops.model.unit import Unit
from finops.policy.envelope import Envelope
from finops.policy.options import CommonOptions
from finops.ports.lake import COSTS


@dataclass(frozen=True, slots=True)
class Needs:
    """``window``: the days whose costs the rule reads (None: no costs). ``counted``: those of them whose amounts count,
    where the others only tell since when there are costs; None: all. ``demand``: series by name.

    ``split_by``: text columns whose values tell the costs of a group apart (``GroupData.parts``). ``costs``: the cost
    columns that are told apart; by default only the policy's own. ``emissions``: the days whose emissions it sums.
    ``agreements``: whether it looks at the commitments that the lake knows. ``beside_young``: whether a group whose
    rows begin late in the window is seen beside all groups together (``GroupData.whole``).
    """

    window: Period | None
    demand: tuple[str, ...] = ()
    split_by: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    emissions: Period | None = None
    agreements: bool = False
    beside_young: bool = False
    counted: Period | None = None

    @property
    def amounts(self) -> Period | None:
        """The days whose amounts have to be known."""
        return self.counted or self.window


def checked_needs(needs: object) -> Needs:
    """``needs``. Raises ``TypeError`` or ``ValueError`` for what cannot be read for all policies together."""
    if not isinstance(needs, Needs):
        raise TypeError("no Needs")
    names = needs.demand, needs.split_by, needs.costs
    if not all(isinstance(of, tuple) and all(isinstance(name, str) for name in of) for of in names):
        raise TypeError("names are tuples of text")
    if not all(
        period is None or isinstance(period, Period) for period in (needs.window, needs.emissions, needs.counted)
    ):
        raise TypeError("a window is a Period")
    if not set(needs.costs) <= set(COSTS):
        raise ValueError("a cost that the lake does not sum")
    return needs


@dataclass(frozen=True, slots=True)
class Verdict:
    """One group's verdict; the fields are those of ``finops.model.finding.Finding``.

    ``due``: the cumulative budget line over the days of ``period``, empty for kinds without a limit. ``lines``: further
    lines for charts, each aligned with the days of ``period`` from the first (see ``Track``). ``compared``: the days
    whose difference the drivers of a firing verdict explain; None where no cost changed. ``sighting``: the group's
    incidents, where the kind tells any.
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
    unit: Unit | None = None
    due: tuple[Decimal, ...] = ()
    lines: Mapping[str, tuple[Decimal | None, ...]] = field(default_factory=dict)
    demand: str = ""
    notes: tuple[str, ...] = ()
    compared: ComparedDays | None = None
    per: Decimal = Decimal(1)
    sighting: Sighting | None = None

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
        per: Decimal = Decimal(1),
        sighting: Sighting | None = None,
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
            outcome.unit,
            due,
            {} if lines is None else lines,
            demand,
            notes,
            compared,
            per,
            sighting,
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


@dataclass(frozen=True, slots=True)
class YearPlan:
    """The year of one budget for one group: see ``finops.model.budget_year.BudgetPlan``."""

    currency: str
    parent: str
    revisions: Sequence[Revised]
    months: Sequence[PlannedMonth]
    notes: Sequence[str]


OptionsT = TypeVar("OptionsT", bound=CommonOptions)


@dataclass(frozen=True, slots=True)
class PolicyKind(ABC, Generic[OptionsT]):
    """A class for the entry point group ``finops.policy_kinds``; an instance is the rule of one policy.

    ``profile`` is all that anything else shows of it. ``Options`` is the ``spec`` of its files.
    """

    profile: ClassVar[KindProfile]
    Options: ClassVar[type[CommonOptions]]
    envelope: Envelope
    options: OptionsT

    @classmethod
    def from_options(cls, options: OptionsT, envelope: Envelope) -> Self:
        """``options``: a validated instance of ``Options``."""
        return cls(envelope, options)

    @classmethod
    def currency_of(cls, options: OptionsT) -> str | None:
        """The currency that every amount of the file must have, by default that of ``minimum``; None: there is none."""
        return options.minimum.currency if options.minimum is not None else None

    def currency(self, data: GroupData) -> str:
        """That of the file, else that of the settings."""
        return self.currency_of(self.options) or data.moment.settings.currency

    @property
    def by_day(self) -> bool:
        """Whether ``judge`` looks at no time of day: neither at ``Moment.as_of`` nor at more of a source than its name,
        ``complete_through`` and the last day that is settled. A verdict then holds for as long as all of that does."""
        return False

    @abstractmethod
    def needs(self, moment: Moment) -> Needs: ...

    @abstractmethod
    def judge(self, data: GroupData) -> Verdict:
        """Pure: the same data gives the same verdict."""

    @abstractmethod
    def explain(self, data: GroupData) -> list[str]:
        """The arithmetic behind ``judge``, one line a step."""

    def judge_together(self, data: Sequence[GroupData]) -> list[Verdict]:
        """What ``judge`` says of each, in order, where many groups and days together cost less than each alone. No
        verdict depends on the data beside it."""
        return [self.judge(one) for one in data]

    def without_forecast(self) -> Self:
        """The same rule for whoever needs its amounts and no forecast, which takes a year of days."""
        return self

    def plan(self, data: GroupData, year: Period, first: date | None, *, foretell: bool) -> YearPlan | None:  # noqa: ARG002 - of kinds that plan
        """What of ``year`` it plans, for the page of budgets; None for a kind that plans no amounts. ``first``: the
        first day of which the lake holds a bill; ``foretell``: whether to forecast what is to come."""
        return None

    def check_warnings(self) -> Sequence[tuple[str, str]]:
        """What ``finops policies check`` warns of, and what to write under ``alerts``: a file without a fault whose
        verdicts will mostly be unknown."""
        return ()

    def unowned_values(self) -> Mapping[str, tuple[str, ...]]:
        """Column -> values that mean that nobody owns a cost, for whoever adds up costs by that column."""
        return {}


AnyKind = PolicyKind[Any]
