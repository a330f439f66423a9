"""What do 1,000 tokens cost, whoever sells them: one demand series and one budget over four sellers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from tests.support.bills import StoppedClock
from tests.support.focus_frames import bill
from tests.unit.collect.vendors import anthropic_api, openai_api

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
DAYS = [date(2026, 4, number) for number in range(4, 11)]
CONFIG = """\
apiVersion: finops/v1
policies: ./policies.yaml
lake: ./lake
state: sqlite:///state.db
currency: USD
sources:
  aws:       {{kind: focus-files, path: ./aws.csv}}
  azure:     {{kind: focus-files, path: ./azure.csv}}
  openai:    {{kind: openai-costs, api_key: {{env: OPENAI_ADMIN_KEY}}, endpoint: "{openai}"}}
  anthropic: {{kind: anthropic-costs, api_key: {{env: ANTHROPIC_ADMIN_KEY}}, endpoint: "{anthropic}"}}
demand:
  tokens: {{kind: costs, scope: x_AiTokens IS NOT NULL, column: x_AiTokens, unit: tokens}}
  by_kind: {{kind: costs, scope: x_AiTokens IS NOT NULL, column: x_AiTokens, group_by: [x_AiTokenKind], unit: tokens}}
"""
POLICIES = """\
apiVersion: finops/v1
kind: UnitCost
metadata: {name: thousand-tokens, owner: ml, description: What a thousand tokens cost}
spec:
  scope: x_AiTokens IS NOT NULL
  demand: tokens
  per: 1000
  window: 7d
  alerts:
    - {when: unit_cost > 0.0008 USD, severity: critical}
"""


def costs(day: date, amount: str) -> dict[str, Any]:
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), amount),
        "BillingPeriodStart": "2026-04-01T00:00:00Z",
        "BillingPeriodEnd": "2026-05-01T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "BillingCurrency": "USD",
    }


@pytest.fixture
def container(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", openai_api.KEY)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", anthropic_api.KEY)
    aws = {"x_UsageType": "USE1-Nova2.0Lite-input-tokens", "ConsumedQuantity": "1000", "ConsumedUnit": "1K tokens"}
    virtual_machine = {"x_UsageType": "USE1-BoxUsage:m7i.large", "ConsumedQuantity": "24", "ConsumedUnit": "Hrs"}
    rows = [row for day in DAYS for row in ({**costs(day, "1"), **aws}, {**costs(day, "99"), **virtual_machine})]
    bill(*rows).write_csv(tmp_path / "aws.csv")
    azure = {
        "x_SkuMeterName": "gpt-4o-mini-0718-Outp-glbl Tokens",
        "PricingQuantity": "2",
        "x_PricingBlockSize": "1000000",
    }
    bill(*({**costs(day, "2"), **azure} for day in DAYS)).write_csv(tmp_path / "azure.csv")
    openai = openai_api.OpenAiApi(httpserver)
    cached = openai_api.cost("4", "gpt-5, cached input", quantity=4_000_000, quantity_unit="tokens")
    audio = openai_api.cost("70", "gpt-5-audio audio, input", quantity=3_000_000, quantity_unit="tokens")
    openai.costs = {day: [cached, audio, openai_api.cost("50", "web search tool calls")] for day in DAYS}
    anthropic = anthropic_api.AnthropicApi(httpserver)
    anthropic.costs = {day: [anthropic_api.cost("800", "output_tokens")] for day in DAYS}
    anthropic.usage = {day: [anthropic_api.usage(output_tokens=8_000_000)] for day in DAYS}
    config = CONFIG.format(openai=openai.endpoint, anthropic=anthropic.endpoint)
    (tmp_path / "finops.yaml").write_text(config, encoding="utf-8")
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", StoppedClock(NOW))
    yield opened
    opened.close()


def test_one_question_for_four_sellers(container: Container) -> None:
    collected = collect_all(container.collectors)
    assert [(one.run.source, one.run.error) for one in collected.sources if one.run.error] == []
    view = container.lake.at(container.lake.version())

    demand = view.demand().collect()
    total = demand.filter(name="tokens").sort("day").select("day", "value", "unit").rows()
    assert total == [(day, Decimal(15_000_000), "tokens") for day in DAYS]
    kinds = demand.filter(name="by_kind", day=DAYS[0]).sort("dimensions").select("dimensions", "value").rows()
    assert kinds == [
        ('{"x_AiTokenKind":"cache_read"}', Decimal(4_000_000)),
        ('{"x_AiTokenKind":"input"}', Decimal(1_000_000)),
        ('{"x_AiTokenKind":"output"}', Decimal(10_000_000)),
    ]

    # 15 USD for 15 million tokens a day; machines, searches and audio stay out
    (finding,) = container.evaluator.evaluate(NOW).evaluation.findings
    assert (finding.policy, finding.state.value, finding.measure) == ("thousand-tokens", "firing", "unit_cost")
    assert finding.value == 0.001
