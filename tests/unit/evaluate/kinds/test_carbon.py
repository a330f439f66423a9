"""Carbon: the newest whole period, its mass, and its mass for a unit of demand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.errors import Malformed
from finops.model.finding import Finding, State
from finops.model.policy import Policy
from tests.support.lake_view import FakeView, demand, only, policies, run, settings

FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
PAGE = Path(__file__).parents[4] / "docs" / "policies" / "carbon.md"


def carbon(spec: str) -> list[Policy]:
    body = "\n".join(f"  {line}" for line in spec.strip("\n").splitlines())
    return policies(f"apiVersion: finops/v1\nkind: Carbon\nmetadata: {{name: c, owner: o}}\nspec:\n{body}\n")


def emitted(first: date, last: date, grams: object, **labels: str) -> list[dict[str, Any]]:
    count = (last - first).days + 1
    return [{"day": first + timedelta(days=n), "grams": grams, **labels} for n in range(count)]


def view(*emissions: list[dict[str, Any]], orders: Sequence[Any] = ()) -> FakeView:
    return FakeView([], tuple(orders), tuple(row for rows in emissions for row in rows))


OVER_400_KG = carbon("alerts: [{when: emissions > 400 kg, severity: warning}]")


def test_the_newest_whole_month_is_judged_and_named() -> None:
    march = emitted(date(2026, 3, 1), date(2026, 3, 10), 90000)
    finding = only(OVER_400_KG, view(emitted(*FEBRUARY, 15000), march))
    assert finding.state is State.FIRING
    assert finding.reason == "emissions 420 kg > 400 kg: 2026-02-01 to 2026-02-28"
    assert (finding.value, finding.limit) == (420_000.0, 400_000.0)
    assert finding.period.start == date(2026, 2, 1)


def test_groups_are_judged_by_their_own_emissions() -> None:
    asked = carbon("group_by: [team]\nalerts: [{when: emissions > 400 kg, severity: warning}]")
    rows = view(emitted(*FEBRUARY, 15000, team="a"), emitted(*FEBRUARY, 1000, team="b"))
    found = {finding.group["team"]: finding.state for finding in run(asked, rows).findings}
    assert found == {"a": State.FIRING, "b": State.OK}


def test_the_slowest_source_says_which_month_is_whole() -> None:
    both = view(emitted(*FEBRUARY, 15000), emitted(date(2026, 1, 1), date(2026, 1, 31), 1, source="dc"))
    finding = only(OVER_400_KG, both)
    assert finding.state is State.UNKNOWN
    assert "no emissions of aws-carbon for 31 of 31 days, first 2026-01-01" in finding.reason


def test_missing_days_never_pass_and_may_fire() -> None:
    rows = emitted(*FEBRUARY, 15000)
    gap = only(OVER_400_KG, view([row for row in rows if row["day"] != date(2026, 2, 3)]))
    assert gap.state is State.FIRING  # 405 kg: what is missing could only add to it
    assert "no emissions of aws-carbon for 1 of 28 days, first 2026-02-03" in gap.reason
    calm = only(OVER_400_KG, view([row | {"grams": 1} for row in rows if row["day"] != date(2026, 2, 3)]))
    assert calm.state is State.UNKNOWN


def test_a_source_that_never_delivered_is_a_doubt() -> None:
    under = replace(settings(), emissions=("aws-carbon", "azure-carbon"))
    finding = only(OVER_400_KG, view(emitted(*FEBRUARY, 1)), under=under)
    assert (finding.state, finding.reason) == (State.UNKNOWN, "azure-carbon has never delivered a row")
    named = carbon("scope: source = 'aws-carbon'\nalerts: [{when: emissions > 400 kg, severity: warning}]")
    assert only(named, view(emitted(*FEBRUARY, 1)), under=under).state is State.OK


def test_nothing_and_old_emissions_are_unknown() -> None:
    assert only(OVER_400_KG, view()).reason == "no emissions match the scope"
    old = only(OVER_400_KG, view(emitted(date(2025, 6, 1), date(2025, 6, 30), 90000)))
    assert old.state is State.UNKNOWN
    assert old.reason.startswith("aws-carbon is late: its emissions reach 2025-06-30")


def test_emissions_per_unit_needs_the_demand_of_every_day() -> None:
    asked = carbon("demand: orders\nper: 1000\nalerts: [{when: emissions_per_unit > 1 kg, severity: info}]")
    emissions = emitted(*FEBRUARY, 15000)
    fires = only(asked, view(emissions, orders=demand("orders", *FEBRUARY, 10000)))
    assert fires.reason == "emissions_per_unit 1.5 kg > 1 kg: for 1,000 orders, 2026-02-01 to 2026-02-28"
    assert fires.measures == {"emissions": 420_000.0, "emissions_per_unit": 1500.0}
    assert fires.demand == "orders"
    short = only(asked, view(emissions, orders=demand("orders", FEBRUARY[0], date(2026, 2, 27), 10000)))
    assert (short.state, short.reason) == (State.UNKNOWN, "no demand 'orders' for 1 of 28 days, first 2026-02-28")
    none = only(asked, view(emissions, orders=demand("orders", *FEBRUARY, 0)))
    assert "nothing to divide by" in none.reason


def test_a_small_group_never_fires() -> None:
    asked = carbon("minimum: 500 kg\nalerts: [{when: emissions > 400 kg, severity: warning}]")
    finding = only(asked, view(emitted(*FEBRUARY, 15000)))
    assert finding.state is State.OK
    assert finding.reason.endswith("below the minimum of 500 kg")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("scope: ChargeCategory <> 'Tax'", "emissions have no column 'ChargeCategory'"),
        ("group_by: [ChargeCategory]", "emissions have no column 'ChargeCategory'"),
        ("minimum: 100 EUR", "'100 EUR' is not a valid mass. Write it like '500 kg', in g, kg or t"),
        ("late: soon", "'soon' is not a valid duration. Write it like 120d"),
    ],
)
def test_a_fault_is_told_with_its_line(spec: str, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        carbon(f"{spec}\nalerts: [{{when: emissions > 4 kg, severity: info}}]")
    assert "policy.yaml:5:" in str(caught.value)
    assert message in str(caught.value)


def test_a_measure_without_its_demand_is_a_fault() -> None:
    with pytest.raises(Malformed, match="emissions_per_unit needs a demand series"):
        carbon("alerts: [{when: emissions_per_unit > 4 kg, severity: info}]")


@given(kept=st.sets(st.integers(1, 28)), grams=st.integers(1, 30_000))
def test_removing_data_never_makes_firing_ok(kept: set[int], grams: int) -> None:
    rows = emitted(*FEBRUARY, grams)
    whole = only(OVER_400_KG, view(rows))
    part = only(OVER_400_KG, view([row for row in rows if row["day"].day in kept]))
    if len(kept) == 28:
        assert (part.state, part.reason) == (whole.state, whole.reason)
    else:
        assert part.state is not State.OK
        assert part.reason


def example() -> Finding:
    text = PAGE.read_text(encoding="utf-8")
    (policy,) = re.findall(r"```yaml\n(apiVersion.*?)```", text, re.DOTALL)
    (row,) = re.findall(r"\| (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d), each \| (\d+) \| (\d+) \|", text)
    first, last = (date.fromisoformat(day) for day in row[:2])
    rows = view(emitted(first, last, row[2], team="checkout"), orders=demand("orders", first, last, row[3]))
    return only(policies(policy), rows)


def test_the_worked_example_of_the_page_holds() -> None:
    told = re.findall(r"^\| emissions\S* \| [^|]+ \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(told) == 2
    finding = example()
    assert finding.state is State.OK
    assert all(one in finding.reason for one in told), finding.reason
