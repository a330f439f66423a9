"""A whole finops.yaml, and what it becomes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from ruamel.yaml import YAML

from finops.config import load_config
from finops.config.json_schema import config_schema
from finops.config.quantities import parse_duration, write_duration
from finops.focus.schema import condition_columns
from finops.model.allocation import Allocation, BySeries, BySpend, ByWeights
from finops.model.calendar import Calendar
from finops.model.dimension import Dimension, Else, FromTags, When
from finops.model.invoice import Invoice
from finops.model.money import Money
from finops.model.statement_order import StatementOrder

WHOLE = """\
apiVersion: finops/v1
policies: [./policies, ./more/*.yaml]
lake: {uri: s3://bucket/lake, endpoint: http://127.0.0.1:9000}
state: {env: STATE_URL}
currency: EUR
rates: {source: ecb-file, path: ./rates.csv}
timezone: Europe/Zurich
fiscal_year_starts: 4
calendar: {country: DE, subdivision: BY}
settling: 72h
http:
  listen: 0.0.0.0:9700
  external_url: https://finops.example.com/
  auth: {tokens: {grafana: {token: {env: TOKEN}}}}
sources:
  datacentre: {kind: focus-files, path: ./bills/*.csv, every: 12h, reconcile: copy}
  copy: {kind: focus-files, path: ./copy}
invoices:
  datacentre: {2026-09: 12.50 EUR, 2026-10: [-3 USD, 4 EUR]}
demand:
  visitors: {kind: csv, path: ./visitors.csv, unit: people}
dimensions:
  team:
    - tags: [team, Team]
    - when: "SubAccountId = '000123' AND tags['env'] = 'prod'"
      value: platform
    - else: unallocated
receivers:
  hook: {kind: webhook, url: https://example.com/hook, secret: {env: HOOK_SECRET}}
  finance: {kind: email, from: finops@example.com, to: [finance@example.com], smtp: {host: localhost}}
statements:
  monthly: {to: [finance], day: 7, by: team, formats: [xlsx]}
routes:
  - {match: {severity: [critical, warning], team: platform}, to: [hook], repeat: 4h, continue: true}
"""


def test_everything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "finops.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    config = load_config(path, condition_columns())
    assert config.base == tmp_path
    assert config.lake_endpoint == "http://127.0.0.1:9000"
    assert config.http.external_url == "https://finops.example.com"
    assert config.timezone == ZoneInfo("Europe/Zurich")
    assert config.calendar == Calendar("DE", "BY")
    assert config.settling == timedelta(hours=72)
    assert [(s.name, s.kind, s.every, s.reconcile) for s in config.sources] == [
        ("datacentre", "focus-files", timedelta(hours=12), "copy"),
        ("copy", "focus-files", timedelta(hours=6), None),
    ]
    assert config.invoices == (
        Invoice("datacentre", date(2026, 9, 1), (Money(Decimal("12.50"), "EUR"),), str(path)),
        Invoice("datacentre", date(2026, 10, 1), (Money(Decimal(-3), "USD"), Money(Decimal(4), "EUR")), str(path)),
    )
    assert [(d.name, d.unit) for d in config.demand] == [("visitors", "people")]
    assert config.dimensions == (
        Dimension(
            "team",
            (
                FromTags(("team", "Team")),
                When("SubAccountId = '000123' AND tags['env'] = 'prod'", "platform"),
                Else("unallocated"),
            ),
        ),
    )
    assert config.routes[0].match == {"severity": ("critical", "warning"), "team": ("platform",)}
    assert config.routes[0].repeat == timedelta(hours=4)
    assert config.routes[0].goes_on
    assert config.statements == (StatementOrder("monthly", ("finance",), 7, "team", ("xlsx",)),)


def test_the_schema_takes_what_the_loader_takes() -> None:
    document = YAML(typ="safe").load(WHOLE)
    validator = jsonschema.Draft202012Validator(config_schema())
    assert list(validator.iter_errors(document)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"curency": "EUR"},
        {"sources": {"a": {"kind": "nothing"}}},
        {"sources": {"a": {"kind": "focus-files", "path": "x", "paht": "y"}}},
        {"dimensions": {"team": [{"tgas": ["a"]}]}},
        {"settling": "2 days"},
        {"calendar": {"subdivision": "BY"}},
        {"invoices": {"datacentre": {"2026-10": "12.50"}}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(change: dict[str, object]) -> None:
    document = {**YAML(typ="safe").load(WHOLE), **change}
    assert list(jsonschema.Draft202012Validator(config_schema()).iter_errors(document))


@pytest.mark.parametrize("text", ["1s", "90s", "15m", "6h", "7d", "400d"])
def test_durations_round_trip(text: str) -> None:
    assert parse_duration(write_duration(parse_duration(text))) == parse_duration(text)


def test_allocations_are_rules_in_order_and_bring_their_series_along(tmp_path: Path) -> None:
    path = tmp_path / "finops.yaml"
    path.write_text(
        "apiVersion: finops/v1\npolicies: ./p\nlake: ./l\ncurrency: EUR\n"
        "demand:\n  cpu: {kind: csv, path: ./cpu.csv}\n"
        "dimensions:\n  team: [{tags: [team]}]\n"
        "allocations:\n"
        "  security: {scope: \"team = 'security'\", to: team, by: {even: [platform, 4711]}}\n"
        "  platform: {scope: \"team = 'platform'\", to: team, by: {weights: {checkout: 0.4, search: 60}}}\n"
        "  support: {scope: \"ServiceName = 'Support'\", to: team, by: {spend: {scope: \"team <> 'x'\"}}}\n"
        "  cpu: {to: team, by: {demand: cpu}}\n"
        "  nodes: {to: team, by: {demand: {series: cpu, dimension: pool, values: {gpu: ml}}}}\n"
        "  cluster: {to: team, by: {opencost: {url: http://opencost:9003, values: {pay: checkout}}}}\n",
        encoding="utf-8",
    )
    config = load_config(path, condition_columns())
    assert [(one.name, one.by) for one in config.allocations] == [
        ("security", ByWeights({"platform": Decimal(1), "4711": Decimal(1)})),
        ("platform", ByWeights({"checkout": Decimal("0.4"), "search": Decimal(60)})),
        ("support", BySpend("team <> 'x'")),
        ("cpu", BySeries("cpu", "team")),
        ("nodes", BySeries("cpu", "pool", {"gpu": "ml"})),
        ("cluster", BySeries("opencost-cluster", "namespace", {"pay": "checkout"})),
    ]
    assert [(entry.name, entry.kind) for entry in config.demand] == [("cpu", "csv"), ("opencost-cluster", "opencost")]
    assert [Allocation.from_json(one.to_json()) for one in config.allocations] == list(config.allocations)
