"""Are commitments used, do they cover enough, when do they end?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from finops.errors import InvalidValue
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays, Needs, PolicyKind, Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.judgement.threshold import judge_readings, measures_of
from finops.evaluate.kinds.commitment.agreed import LONGEST, Agreed
from finops.evaluate.kinds.commitment.numbers import EFFECTIVE, SPLIT_BY, UNCOVERED, UNUSED, Numbers
from finops.evaluate.kinds.commitment.profile import PROFILE
from finops.evaluate.windows.settled_window import SettledWindow, WindowDays
from finops.model.kind_profile import KindProfile
from finops.model.period import Period
from finops.policy.options import CommonOptions, CostColumn


class CommitmentOptions(CommonOptions):
    """Are commitments used, do they cover enough, when do they end?"""

    window: WindowDays = Field(default=30, description="Number of settled days to sum.")
    coverage_by: Literal["ContractedCost", "ListCost", "EffectiveCost"] = Field(
        default="ContractedCost",
        description="The cost that usage is weighed by for coverage: what it would cost without commitments.",
    )

    commitment: str = Field(
        default="",
        description="The ContractCommitmentId that expires_in and shortfall are about; by default all in the scope.",
        examples=["edp-2026"],
    )
    shortfall_by: CostColumn = Field(
        default="BilledCost", description="The cost that counts towards an agreed spend, for shortfall."
    )

    @field_validator("cost")
    @classmethod
    def _is_what_tells_use(cls, value: str) -> str:
        if value != EFFECTIVE:
            raise InvalidValue(
                f"commitment use cannot be measured by {value}",
                "Leave 'cost' out; 'coverage_by' is the cost of coverage",
            )
        return value


@dataclass(frozen=True, slots=True)
class Commitment(PolicyKind[CommitmentOptions]):
    """``utilisation``: EffectiveCost of used ÷ of used and unused commitments. ``coverage``: usage that commitments
    covered ÷ usage that they could cover, both weighed by ``coverage_by``. Over the settled days of the window.

    Sources: FOCUS 1.4, CommitmentDiscountStatus (Used, Unused), PricingCategory and EffectiveCost ("the amortized cost
    of the charge"); FinOps Foundation, FinOps KPIs, "Percentage of Commitment Based Discount Waste" (utilisation is its
    complement) and "Percent of Compute Spend Covered by Commitment Discounts".

    ``expires_in``: until the first commitment ends. ``shortfall``: what of an agreed spend will be missing at its end
    at the rate of the window. Sources: FOCUS 1.4, ContractCommitmentPeriodEnd, ContractCommitmentCost ("the monetary
    value of the contract commitment") and ContractCommitmentFulfillmentInterval.
    """

    profile: ClassVar[KindProfile] = PROFILE
    by_day: ClassVar[bool] = True
    Options: ClassVar[type[CommonOptions]] = CommitmentOptions

    def needs(self, moment: Moment) -> Needs:
        window = SettledWindow(self.options.window).needed(moment)
        costs = [EFFECTIVE, self.options.coverage_by]
        if "shortfall" in self._asked:
            window = Period(min(window.start, moment.today - LONGEST), window.end)
            costs.append(self.options.shortfall_by)
        return Needs(
            window,
            split_by=SPLIT_BY,
            costs=tuple(dict.fromkeys(costs)),
            agreements=not self._asked.isdisjoint(("expires_in", "shortfall")),
        )

    def numbers(self, data: GroupData) -> Numbers:
        return Numbers(self.options.coverage_by, SettledWindow(self.options.window), self.envelope, data)

    def agreed(self, data: GroupData) -> Agreed:
        settled = SettledWindow(self.options.window)
        return Agreed(data, settled, self.options.shortfall_by, self.currency(data), self.options.commitment)

    @property
    def _asked(self) -> set[str]:
        """Only what an alert names is a measure of the finding: a scope for one says nothing about the other."""
        return {alert.measure for alert in self.envelope.alerts}

    def _compared(self, measure: str, window: Period | None) -> ComparedDays | None:
        """What lay idle, or what was not covered, in the window and in the days before it."""
        if window is None or measure not in ("utilisation", "coverage"):
            return None
        before = SettledWindow(self.options.window).before(window)
        if measure == "utilisation":
            by = ("CommitmentDiscountId",)
            return ComparedDays(before, tuple(window), within=UNUSED, of="unused commitments", by=by)
        return ComparedDays(before, tuple(window), within=UNCOVERED, of="usage eligible for commitments")

    def explain(self, data: GroupData) -> list[str]:
        lines = self.numbers(data).explained()
        if self._asked.isdisjoint(("expires_in", "shortfall")):
            return lines
        return [*lines, *self.agreed(data).explained()]

    def judge(self, data: GroupData) -> Verdict:
        numbers, today = self.numbers(data), data.moment.today
        agreed = self.agreed(data)
        of_each = {
            "utilisation": numbers.utilisation,
            "coverage": numbers.coverage,
            "expires_in": agreed.expires_in,
            "shortfall": agreed.shortfall,
        }
        readings = {name: read() for name, read in of_each.items() if name in self._asked}
        reasons = [
            data.gap(data.moment.last_day_due),
            agreed.unknown_ends() if "expires_in" in self._asked else None,
        ]
        gap = "; ".join(dict.fromkeys(filter(None, reasons))) or None
        outcome = judge_readings(self.envelope, data, readings, gap=gap, spent=numbers.spent)
        return Verdict.of(
            outcome,
            currency=numbers.currency,
            period=numbers.window or Period(today, today + timedelta(days=1)),
            amount={**numbers.amounts(), **(agreed.amounts() if "shortfall" in self._asked else {})},
            measures=measures_of(dict(sorted(readings.items()))),
            lines={**numbers.lines(), **(agreed.lines(numbers.window) if "shortfall" in self._asked else {})},
            notes=numbers.notes(),
            compared=self._compared(outcome.measure, numbers.window),
        )
