"""A process that is killed in mid-collection has paid, and the next one knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from finops.state import open_state
from tests.servers.cost_explorer import Charge, FakeCostExplorer
from tests.support.verdicts import MovableClock

COLLECTION = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from finops.collect.aws import CostExplorer, CostExplorerOptions
from finops.state import open_state

class Clock:
    def now(self):
        return datetime(2026, 4, 28, 6, tzinfo=UTC)

state = open_state("sqlite:///state.db", base=Path(sys.argv[2]), clock=Clock())
options = CostExplorerOptions(endpoint=sys.argv[1], max_request_cost_per_day="0.03 USD")
CostExplorer("aws", options, clock=Clock(), request_costs=state.request_costs).discover({})
"""


def test_what_was_paid_before_a_kill_is_remembered(cost_explorer: FakeCostExplorer, tmp_path: Path) -> None:
    cost_explorer.charges = [Charge(date(2026, 4, 1), "1", values={"SERVICE": "EC2"})]
    process = subprocess.Popen([sys.executable, "-c", COLLECTION, cost_explorer.endpoint, str(tmp_path)])

    def kill_at_the_second_page(_operation: str, _request: object) -> None:
        if len(cost_explorer.asked) == 2:
            os.kill(process.pid, signal.SIGKILL)

    with cost_explorer.failing(kill_at_the_second_page):
        assert process.wait(60) == -signal.SIGKILL
    state = open_state("sqlite:///state.db", base=tmp_path, clock=MovableClock())
    assert state.request_costs.spent("aws", date(2026, 4, 28)) == Decimal("0.02")
    left = [
        state.request_costs.book("aws", date(2026, 4, 28), Decimal("0.01"), most_usd=Decimal("0.03")) for _ in range(2)
    ]
    state.close()
    assert left == [True, False]
