"""Laws of verdicts, on random bills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.finding import Finding, State
from finops.model.money import EXACT
from tests.support import lake_view
from tests.support.lake_view import (
    AS_OF,
    CURRENT,
    FakeView,
    budget,
    findings,
    only,
    run,
    standing,
)

FEBRUARY = date(2026, 2, 20)
amounts = st.decimals(min_value=0, max_value=10_000, places=15, allow_nan=False, allow_infinity=False)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(0, 35).map(lambda offset: FEBRUARY + timedelta(days=offset)),
            "cost": amounts,
            "team": st.sampled_from(["checkout", "search", None]),
            "environment": st.sampled_from(["prod", "dev", "", None]),
            "ServiceName": st.sampled_from(["db", "vm"]),
        }
    ),
    max_size=25,
)
SPEC = """
period: month
amount: 12000 EUR
alerts:
  - {when: spent > 80%, severity: info}
  - {when: pace > 110%, severity: warning}
"""


@settings(max_examples=25, deadline=None)
@given(rows)
def test_the_sum_over_groups_is_the_total(data: list[dict[str, Any]]) -> None:
    view = FakeView(data)
    if not any(row["day"] <= date(2026, 3, 20) for row in data):
        assert "spent" not in only(budget(SPEC), view).amount  # nothing is known, which is not zero
        return
    total = only(budget(SPEC), view).amount["spent"].amount
    by_row = only(budget("scope: ResourceId IS NULL" + SPEC), view).amount["spent"].amount
    grouped = findings(budget("group_by: [team, environment]" + SPEC), view)
    lines = [line for line in run([], view).costs.lines() if line.cost == "effective"]

    with localcontext(EXACT):
        assert sum((finding.amount["spent"].amount for finding in grouped), Decimal(0)) == total
        assert sum((line.month_to_date_amount or Decimal(0) for line in lines), Decimal(0)) == total
    assert by_row == total


@settings(max_examples=25, deadline=None)
@given(data=rows, limit=st.decimals(1, 100_000, places=2, allow_nan=False))
def test_a_budget_is_what_paper_and_pencil_say(data: list[dict[str, Any]], limit: Decimal) -> None:
    finding = only(budget(SPEC.replace("12000", f"{limit:f}")), FakeView(data))

    with localcontext(EXACT):
        spent = sum((row["cost"] for row in data if date(2026, 3, 1) <= row["day"] <= date(2026, 3, 20)), Decimal(0))
        settled = sum((row["cost"] for row in data if date(2026, 3, 1) <= row["day"] <= date(2026, 3, 17)), Decimal(0))
        # a scope that is new has its budget due on the days that are left
        begun = max(min((row["day"] for row in data), default=FEBRUARY), date(2026, 3, 1)).day - 1
        due = limit * max(17 - begun, 0) / (31 - begun)
        over = spent > limit * Decimal("0.8") or settled > due * Decimal("1.1")
    if any(row["day"] <= date(2026, 3, 20) for row in data):
        assert finding.amount["spent"].amount == spent
        assert finding.state == (State.FIRING if over else State.OK)
        if begun < 17:  # else nothing is due yet
            assert finding.amount["settled_spent"].amount == settled
            assert abs(finding.amount["due"].amount - due) < Decimal("1e-13") * limit
    else:
        assert (finding.state, "spent" in finding.amount) == (State.UNKNOWN, False)


@settings(max_examples=25, deadline=None)
@given(data=rows, cut=st.integers(0, 36))
def test_missing_days_never_turn_firing_into_ok(data: list[dict[str, Any]], cut: int) -> None:
    """The source stops delivering on some day: what was firing stays so, or is unknown with a reason."""
    last = FEBRUARY + timedelta(days=cut)
    known = [row for row in data if row["day"] < last]
    stopped = standing(through=datetime(last.year, last.month, last.day, tzinfo=UTC), delivered=AS_OF)
    whole = only(budget(SPEC), FakeView(data))
    torn = only(budget(SPEC), FakeView(known), freshness=[stopped])

    if whole.state == State.FIRING and torn.state == State.OK:
        # only days that nobody can have delivered yet may be missing from an ok
        assert last > date(2026, 3, 16)
    if torn.state == State.UNKNOWN:
        assert torn.reason


@settings(max_examples=25, deadline=None)
@given(data=rows)
def test_a_finding_is_reproduced_and_survives_its_stored_form(data: list[dict[str, Any]]) -> None:
    policies = budget("group_by: [team]" + SPEC)
    for finding in findings(policies, FakeView(data)):
        assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
        lines = explain(finding, policies[0], FakeView(data), freshness=[CURRENT], settings=lake_view.settings()).lines
        assert lines[-1] == f"reproduced: the same as finding {finding.id}"


PROGRAM = """
import json
from datetime import date, timedelta
from tests.support.lake_view import *
rows = [row for i in range(9) for row in days(date(2026, 2, 1), date(2026, 3, 19), i, team=f"t{i % 4}",
        environment=f"e{i % 3}", tags={"k": str(i % 2)}, source=f"s{i % 2}")]
asked = budget("group_by: [team, environment]\\nperiod: month\\namount: 5 EUR\\n"
               "alerts: [{when: pace > 110%, severity: info}]")
asked += budget("scope: tags['k'] = '1'\\ngroup_by: [team]\\nperiod: month\\namount: 5 EUR\\n"
                "alerts: [{when: spent > 90%, severity: info}]", name="tagged")
asked += freshness("group_by: [source]\\nalerts: [{when: age > 1h, severity: info}]")
freshness = [standing(f"s{i}", through=CURRENT.complete_through, delivered=AS_OF) for i in range(2)]
done = run(asked, FakeView(rows), freshness=freshness)
print(json.dumps([finding.to_json() for finding in done.findings]))
print(done.tracks, list(done.costs.lines()))
"""


def test_two_processes_in_two_time_zones_say_the_same_bytes() -> None:
    root = Path(__file__).parents[3]
    outputs = []
    for zone, seed in (("UTC", "1"), ("Asia/Kolkata", "2")):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", PROGRAM]
        outputs.append(subprocess.run(command, env=environment, cwd=root, check=True, capture_output=True).stdout)

    assert outputs[0] == outputs[1]
    groups = 9 + 2 + 2
    assert outputs[0].count(b'"policy": ') == groups
