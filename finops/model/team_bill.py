"""What one team pays for a month: its own costs and its shares of others'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from finops.model.cost_report import SourceAge
from finops.model.finding import Finding
from finops.model.money import added, difference
from finops.model.period import Period
from finops.model.team import SignOff, Team


@dataclass(frozen=True, slots=True)
class TeamLine:
    """EffectiveCost of one service and account, exact. ``allocation``: the rule that moved it, '' for the team's own
    cost; ``origin``: the team that it was moved from. What the team gave away is negative. ``before``: the same in the
    compared period, None where that is unknown."""

    allocation: str
    origin: str
    service: str
    account: str
    amount: Decimal | None
    before: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """Exact; None where either is unknown."""
        return difference(self.amount, self.before)


@dataclass(frozen=True, slots=True)
class Correction:
    """How much a line has changed since the month was signed off."""

    line: TeamLine
    signed: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True)
class TeamBill:
    """Days of ``period`` in ``currency``, each amount at its day's rate. ``lines``: the largest first, direct ones
    before allocated ones. ``settled``: nothing in it is expected to change. ``corrections``: of a month that was signed
    off, since then. ``notes``: sentences about what is not in the numbers. ``unreached``: no source has delivered
    anything of the month yet. ``budgets``, ``unit_costs``, ``emissions``: what the policies of the team say at the end
    of the month, or now while it runs."""

    team: Team
    month: date
    period: Period
    compared: Period
    currency: str
    lines: tuple[TeamLine, ...]
    settled_through: date | None
    sources: tuple[SourceAge, ...]
    made_at: datetime
    notes: tuple[str, ...] = ()
    signed: SignOff | None = None
    corrections: tuple[Correction, ...] = ()
    unreached: bool = False
    budgets: tuple[Finding, ...] = ()
    unit_costs: tuple[Finding, ...] = ()
    emissions: tuple[Finding, ...] = ()

    @property
    def settled(self) -> bool:
        return self.settled_through is not None and self.settled_through >= self.period.last_day

    @property
    def direct(self) -> tuple[TeamLine, ...]:
        return tuple(line for line in self.lines if not line.allocation)

    @property
    def allocated(self) -> tuple[TeamLine, ...]:
        return tuple(line for line in self.lines if line.allocation)

    @property
    def drivers(self) -> tuple[TeamLine, ...]:
        """The lines that changed since the compared period, the largest change first: together the change of the
        total, where every line is known."""
        moved = [(abs(change), line) for line in self.lines if (change := line.change)]
        return tuple(line for _, line in sorted(moved, key=lambda one: (-one[0], one[1].service, one[1].account)))

    @property
    def total(self) -> Decimal | None:
        return None if self.unreached and not self.lines else added(line.amount for line in self.lines)

    @property
    def before(self) -> Decimal | None:
        return added(line.before for line in self.lines)

    @property
    def change(self) -> Decimal | None:
        """Exact; None where either is unknown."""
        return difference(self.total, self.before)


@dataclass(frozen=True, slots=True)
class TeamSum:
    """One row of the list of teams; amounts as in ``TeamBill``. ``team``: of what has no team in finops.yaml, its value
    of the dimension alone."""

    team: Team
    direct: Decimal | None
    allocated: Decimal | None
    total: Decimal | None
    before: Decimal | None
    signed: SignOff | None


@dataclass(frozen=True, slots=True)
class TeamList:
    """``teams``: the most expensive first; their totals add up to the bill. ``months``: that a bill can be made of."""

    month: date
    period: Period
    compared: Period
    currency: str
    teams: tuple[TeamSum, ...]
    months: Sequence[date]
    notes: tuple[str, ...] = ()
