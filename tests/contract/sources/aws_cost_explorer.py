"""``aws-cost-explorer`` over our own Cost Explorer: moto gives one answer to a question for good, restating nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import stamina

from finops.collect.aws import CostExplorer, CostExplorerOptions
from finops.model.period import month_start
from finops.ports.source import Source
from tests.contract.sources.place import ACCOUNT, NAME, Case, Line
from tests.servers.cost_explorer import Charge, CutOff, FakeCostExplorer, Fault, Refusal

KIND = "aws-cost-explorer"

_WHOLE = "an answer is one page of JSON after another; half of one is no JSON, see CUT"
GAPS = {
    Case.CORRECTED: "Cost Explorer adds corrections to the day that they correct and does not tell them apart",
    Case.VANISHED: "Cost Explorer answers for every day; a month that costs nothing any more is EMPTY",
    Case.ELSEWHERE: "there is one Cost Explorer; an account without costs has empty days like any other",
    Case.PART_MISSING: _WHOLE,
    Case.HALF_WRITTEN: _WHOLE,
    Case.TRUNCATED: _WHOLE,
    Case.WRONG_DIGEST: "Cost Explorer announces no digest of its answers",
    Case.WRONG_ROW_COUNT: "Cost Explorer announces no number of groups",
}
_REFUSALS = {
    Case.THROTTLED: Refusal("LimitExceededException"),
    Case.EXPIRED: Refusal("ExpiredTokenException"),
    Case.DENIED: Refusal("AccessDeniedException"),
}


class April:
    """March is the previous month, which is asked for again."""

    def now(self) -> datetime:
        return datetime(2026, 4, 28, 6, tzinfo=UTC)


@dataclass
class Booked:
    """Request costs in memory, without a limit worth the name."""

    total: Decimal = Decimal(0)

    def book(self, source: str, day: date, cost_usd: Decimal, *, most_usd: Decimal) -> bool:
        self.total += cost_usd
        return self.total <= most_usd

    def spent(self, source: str, day: date) -> Decimal:
        return self.total


@dataclass
class CostExplorerPlace:
    fake: FakeCostExplorer
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/unit/collect/aws/test_cost_explorer_killed.py::test_what_was_paid_before_a_kill_is_remembered"
    secrets: tuple[str, ...] = ("testing",)

    def source(self) -> Source:
        options = CostExplorerOptions(months=3, endpoint=self.fake.endpoint)
        return CostExplorer(NAME, options, clock=April(), request_costs=Booked())

    elsewhere = source

    def bill(self, month: date, *lines: Line) -> None:
        others = [charge for charge in self.fake.charges if month_start(charge.day) != month]
        values = {"LINKED_ACCOUNT": ACCOUNT}
        new = [Charge(line.day, f"{line.cost}", values={**values, "SERVICE": line.service}) for line in lines]
        self.fake.charges = [*others, *new]

    def withdraw(self, month: date) -> None:
        raise NotImplementedError(GAPS[Case.VANISHED])

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        def for_costs(operation: str, _: object) -> Refusal | CutOff | None:
            if operation != "GetCostAndUsage":
                return None
            return CutOff() if case is Case.CUT else _REFUSALS[case]

        fault: Fault = for_costs
        with self.fake.failing(fault), stamina.set_testing(True, attempts=1):
            yield


def _place(request: pytest.FixtureRequest, folder: Path) -> CostExplorerPlace:
    del folder
    fake: FakeCostExplorer = request.getfixturevalue("cost_explorer")
    fake.page_size = 2
    return CostExplorerPlace(fake)


PLACES = {"paged": _place}
