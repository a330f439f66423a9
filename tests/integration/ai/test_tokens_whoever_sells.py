"""What do 1,000 tokens cost, whoever sells them: one demand series and one budget over four sellers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from finops.runtime.collecting_all import collect_all
from finops.runtime.evaluating import evaluate_once
from finops.runtime.parts import Parts, open_parts
from tests.unit.collect.vendors import anthropic_api, openai_api
from tests.unit.focus.frames import bill
from tests.unit.lake.bills import StoppedClock

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
DAY = date(2026, 4, 10)
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
  tokens: {{kind: costs, scope: x_AiModel IS NOT NULL, column: x_AiTokens, unit: tokens}}
  by_kind: {{kind: costs, scope: x_AiModel IS NOT NULL, column: x_AiTokens, group_by: [x_AiTokenKind], unit: tokens}}
"""
POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: tokens, owner: ml, description: What tokens may cost}
spec:
  scope: x_AiModel IS NOT NULL
  period: {from: 2026-04-10, to: 2026-04-11}
  amount: {per: tokens, amount: 0.0000008 USD}
  alerts:
    - {when: spent > 100%, severity: critical}
"""
DAYS = {
    "BillingPeriodStart": "2026-04-01T00:00:00Z",
    "BillingPeriodEnd": "2026-05-01T00:00:00Z",
    "ChargePeriodStart": "2026-04-10T00:00:00Z",
    "ChargePeriodEnd": "2026-04-11T00:00:00Z",
    "BillingCurrency": "USD",
}


def costs(amount: str) -> dict[str, Any]:
    return {**DAYS, **dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), amount)}


@pytest.fixture
def parts(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", openai_api.KEY)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", anthropic_api.KEY)
    aws = {"x_UsageType": "USE1-Nova2.0Lite-input-tokens", "ConsumedQuantity": "1000", "ConsumedUnit": "1K tokens"}
    virtual_machine = {"x_UsageType": "USE1-BoxUsage:m7i.large", "ConsumedQuantity": "24", "ConsumedUnit": "Hrs"}
    bill({**costs("1"), **aws}, {**costs("99"), **virtual_machine}).write_csv(tmp_path / "aws.csv")
    azure = {
        "x_SkuMeterName": "gpt-4o-mini-0718-Outp-glbl Tokens",
        "PricingQuantity": "2",
        "x_PricingBlockSize": "1000000",
    }
    bill({**costs("2"), **azure}).write_csv(tmp_path / "azure.csv")
    openai = openai_api.OpenAiApi(httpserver)
    openai.costs[DAY] = [
        openai_api.cost("4", "gpt-5, cached input", quantity=4_000_000, quantity_unit="tokens"),
        openai_api.cost("50", "web search tool calls"),
    ]
    anthropic = anthropic_api.AnthropicApi(httpserver)
    anthropic.costs[DAY] = [anthropic_api.cost("800", "output_tokens")]
    anthropic.usage[DAY] = [anthropic_api.usage(output_tokens=8_000_000)]
    config = CONFIG.format(openai=openai.endpoint, anthropic=anthropic.endpoint)
    (tmp_path / "finops.yaml").write_text(config, encoding="utf-8")
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    opened = open_parts(tmp_path / "finops.yaml", StoppedClock(NOW))
    yield opened
    opened.close()


def test_one_question_for_four_sellers(parts: Parts) -> None:
    collected = collect_all(parts)
    assert [(one.run.source, one.run.error) for one in collected.sources if one.run.error] == []
    view = parts.lake.at(parts.lake.version())

    demand = view.demand().collect()
    total = demand.filter(name="tokens").select("day", "value", "unit").rows()
    assert total == [(DAY, Decimal(15_000_000), "tokens")]
    kinds = demand.filter(name="by_kind").sort("dimensions").select("dimensions", "value").rows()
    assert kinds == [
        ('{"x_AiTokenKind":"cache_read"}', Decimal(4_000_000)),
        ('{"x_AiTokenKind":"input"}', Decimal(1_000_000)),
        ('{"x_AiTokenKind":"output"}', Decimal(10_000_000)),
    ]
    spent = view.costs().filter(pl.col("x_AiModel").is_not_null()).select(pl.col("EffectiveCost").sum())
    per_thousand = spent.collect().item() / (total[0][1] / 1000)
    assert per_thousand == Decimal("0.001")  # 15 USD for 15 million tokens; machines and searches stay out

    (finding,) = evaluate_once(parts, as_of=NOW).evaluation.findings
    assert (finding.policy, finding.state.value) == ("tokens", "firing")
    assert finding.reason == "spent 125 % > 100 %: 15.00 USD of 12.00 USD spent through 2026-04-10"
