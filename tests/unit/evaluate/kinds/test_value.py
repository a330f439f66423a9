"""Returns: a quotient of value and cost, its margin, intervals, and what is unknown."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from finops.allocate import Rules
from finops.collect.rates.ecb_file import parse_rates
from finops.evaluate.explain import explain
from finops.lake import InMemoryLakeView
from finops.model.allocation import Allocation, ByWeights
from finops.model.finding import Finding, State
from tests.support.lake_view import (
    COLUMNS,
    CURRENT,
    DIMENSIONS,
    VERSION,
    FakeView,
    days,
    demand,
    only,
    policies,
    policy,
    settings,
)

PAGE = Path(__file__).parents[4] / "docs" / "policies" / "value.md"
SETTLED = date(2026, 3, 17)
NOW = SETTLED - timedelta(days=27)
BEFORE = NOW - timedelta(days=28)
SPEC = (
    "value: revenue\nalerts: [{when: return < 3, severity: warning}, {when: marginal_return < 1, severity: critical}]"
)


def value(view: FakeView, spec: str = SPEC, **arguments: Any) -> Finding:
    return only(policy("Value", spec, name="v"), view, **arguments)


def seen(cost: tuple[object, object], earned: tuple[object, object], name: str = "revenue") -> FakeView:
    eve = NOW - timedelta(days=1)
    rows = [*days(BEFORE, eve, cost[0]), *days(NOW, SETTLED, cost[1])]
    return FakeView(rows, [*demand(name, BEFORE, eve, earned[0]), *demand(name, NOW, SETTLED, earned[1])])


def test_the_worked_example_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    asked = policies(text.split("```yaml\n", 1)[1].split("```", 1)[0])
    spans = re.findall(r"^\| (\S+) to (\S+) \|" + r" (\d+) \|" * 5 + "$", text, re.MULTILINE)
    assert len(spans) == 2
    rows, revenue = [], []
    for first, last, *amounts in spans:
        span = (date.fromisoformat(first), date.fromisoformat(last))
        for cost, service, team in zip(
            amounts, ("OpenAI API", "GPU", "Storage", "Kubernetes"), ("ml", "ml", "ml", "platform"), strict=False
        ):
            rows += days(*span, cost, ServiceName=service, team=team)
        revenue += demand("revenue", *span, amounts[-1])
    by = ByWeights({"ml": Decimal(50), "search": Decimal(50)})
    rules = Rules((Allocation("platform", "team = 'platform'", "team", by),), COLUMNS, "EUR")
    made = FakeView(rows, revenue)
    view = InMemoryLakeView(made.rows, DIMENSIONS, made.demand_rows, version=VERSION, allocations=rules)
    finding = only(asked, view)

    assert (finding.measures["return"], finding.measures["marginal_return"]) == (2.3, 0.9)
    assert finding.state is State.FIRING
    assert f"firing: {finding.reason} |" in text
    direct = only(policies(text.split("```yaml\n", 1)[1].split("```", 1)[0].replace("Allocated", "Effective")), view)
    assert direct.measures["return"] == 2.5875
    assert "would have looked like 2.5875" in text


def test_the_threshold_is_compared_exactly() -> None:
    assert value(seen((100, 100), (300, 300))).state is State.OK
    assert value(seen((100, 100), (300, "299.99"))).state is State.FIRING


def test_where_cost_fell_the_return_speaks_alone() -> None:
    finding = value(seen((200, 100), (700, 600)))
    assert finding.state is State.OK
    assert "marginal_return" not in finding.measures
    assert "cost fell: revenue -700.00 EUR for cost -700.00 EUR a week" in finding.reason
    alone = "value: revenue\nalerts: [{when: marginal_return < 1, severity: warning}]"
    assert value(seen((200, 100), (700, 600)), alone).state is State.UNKNOWN
    assert value(seen((200, 200), (700, 600)), alone).state is State.UNKNOWN


@pytest.mark.parametrize("missing", [1, 6])
def test_a_day_without_value_is_unknown_and_not_zero(missing: int) -> None:
    view = seen((100, 100), (400, 400))
    last = SETTLED - timedelta(days=missing + 1)
    view = FakeView(
        days(BEFORE, SETTLED, 100), [*demand("revenue", BEFORE, last, 400), *demand("revenue", SETTLED, SETTLED, 400)]
    )
    finding = value(view)
    if missing == 1:
        assert (finding.state, finding.measures["return"]) == (State.OK, 4)
        assert "left out, no value 'revenue': 2026-03-16" in finding.notes
    else:
        assert finding.state is State.UNKNOWN
        assert "no value 'revenue' for" in finding.reason


def test_a_value_of_zero_is_a_return_of_zero_and_not_unknown() -> None:
    finding = value(seen((100, 100), (400, 0)))
    assert (finding.state, finding.measures["return"]) == (State.FIRING, 0)
    assert "without an interval" in finding.reason


def test_a_cost_of_zero_has_no_return() -> None:
    finding = value(seen((100, 0), (400, 400)))
    assert finding.state is State.UNKNOWN
    assert "a cost of zero or less has no return" in finding.reason


def test_value_is_converted_at_the_rate_of_each_day() -> None:
    eve = NOW - timedelta(days=1)
    quotes = [f"{BEFORE + timedelta(days=i)},{'1.25' if BEFORE + timedelta(days=i) <= eve else '2'}" for i in range(56)]
    under = settings(rates=parse_rates("Date,USD\n" + "\n".join(quotes), "rates"))
    asked = SPEC.replace("revenue", "sales")
    finding = value(seen((100, 200), (500, 1200), "sales"), asked, under=under)
    assert (finding.measures["return"], finding.measures["marginal_return"]) == (3, 2)
    assert finding.amount["value"].currency == "EUR"
    assert "value in USD is converted at each day's rate" in finding.notes

    unknown = value(seen((100, 200), (500, 1200), "sales"), asked)
    assert unknown.state is State.UNKNOWN
    assert "no exchange rate from USD to EUR" in unknown.reason


def test_noise_does_not_fire_and_the_arithmetic_is_explained() -> None:
    noise = Random(7)
    rows, revenue = [], []
    for offset in range(56):
        day = BEFORE + timedelta(days=offset)
        rows += days(day, day, f"{100 * (1 + 0.3 * (day >= NOW)) * noise.gauss(1, 0.05):.4f}")
        revenue += demand("revenue", day, day, f"{400 * (1 + 0.1 * (day >= NOW)) * noise.gauss(1, 0.05):.4f}")
    view = FakeView(rows, revenue)
    measures = value(view).measures
    for name, true in (("return", 400 * 1.1 / 130), ("marginal_return", 40 / 30)):
        assert measures[f"{name}_low"] < true < measures[f"{name}_high"]
        assert measures[f"{name}_low"] < measures[name] < measures[f"{name}_high"]
    threshold = (measures["return"] + measures["return_high"]) / 2
    (asked,) = policy(
        "Value", f"value: revenue\nalerts: [{{when: return < {threshold:.3f}, severity: warning}}]", name="v"
    )
    finding = only([asked], view)
    assert finding.state is State.OK
    assert "not significantly <" in finding.reason

    lines = explain(finding, asked, view, freshness=[CURRENT], settings=settings()).lines
    assert any(line.startswith("return = ") and "90 % interval" in line for line in lines)
    assert any(line.startswith("marginal_return = change of revenue ÷ change of cost = ") for line in lines)
    assert lines[-1].startswith("reproduced")
