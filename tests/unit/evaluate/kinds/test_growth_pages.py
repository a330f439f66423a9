"""The worked examples of docs/policies/growth.md and unit-cost.md, read from the pages and judged."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from finops.evaluate.explain import explain
from finops.model.finding import State
from finops.model.policy import Policy
from tests.support.lake_view import CURRENT, FakeView, days, demand, only, policies, settings

PAGES = Path(__file__).parents[4] / "docs" / "policies"


def page(name: str) -> tuple[str, list[Policy]]:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    return text, policies(text.split("```yaml\n", 1)[1].split("```", 1)[0])


def test_growth() -> None:
    text, asked = page("growth")
    weeks = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(weeks) == 8
    rows, orders = [], []
    for last, cost, served in weeks:
        end = date.fromisoformat(last)
        span = (end - timedelta(days=6), end)
        rows += days(*span, f"{Decimal(cost) / 7:.12f}", product="storefront")
        orders += demand("orders", *span, f"{Decimal(served) / 7:.12f}")
    view = FakeView(rows, orders)
    finding = only(asked, view)

    lines = explain(finding, asked[0], view, freshness=[CURRENT], settings=settings()).lines
    told = text.split("```text\n", 1)[1].split("```", 1)[0].splitlines()
    assert told == [line for line in lines if line in told]
    assert finding.state is State.FIRING
    assert finding.reason.startswith("elasticity 1.54 (1.44 to 1.65) > 1.2")


def test_unit_cost() -> None:
    text, asked = page("unit-cost")
    spans = re.findall(r"^\| (\S+) to (\S+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(spans) == 2
    rows, tokens = [], []
    for first, last, cost, served in spans:
        span = (date.fromisoformat(first), date.fromisoformat(last))
        rows += days(*span, cost, product="assistant")
        tokens += demand("tokens", *span, served)
    finding = only(asked, FakeView(rows, tokens))

    assert finding.amount["unit_cost"].amount == Decimal("0.048")
    assert finding.state is State.FIRING
    assert f"firing: {finding.reason} |" in text
