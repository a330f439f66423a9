"""Every panel and every alert, asked of a real Prometheus that scraped the demo, against what the API says."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops.app.clock import SystemClock
from finops.app.container import open_container
from finops.evaluate.cache import EvaluationCache
from finops.model.costs import Costs
from finops.model.month_costs import MonthCosts, MonthForecast
from finops.publish.snapshot import build_snapshot
from finops.service.wiring import operations_reader
from finops_exporters.grafana import GrafanaExporter
from finops_exporters.rules.records import MONTH_SUM
from tests.integration.web.served import published
from tests.servers.prometheus import Prometheus
from tests.support.profiles import PROFILES

DASHBOARDS = {
    Path(name).stem: json.loads(text)
    for name, text in GrafanaExporter().files("https://finops.example.com", PROFILES).items()
    if name.endswith(".json")
}
EVERYTHING = {"job": ".*", "provider": ".*", "team": ".*", "policy": ".*", "source": ".*", "cost": "effective"}

Found = dict[tuple[str, ...], float]
"""Label values in the order of the labels' names -> value."""

Worth = Callable[[dict[str, Any]], float | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says: findings and sources of its API, and the lines of costs behind its page."""

    findings: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    costs: Costs
    dimensions: tuple[str, ...]
    as_of: datetime
    every_seconds: Mapping[str, float]
    evaluation_seconds: float
    receivers: tuple[str, ...]
    series: Mapping[str, int]
    api_costs: list[dict[str, Any]]
    month: MonthCosts
    radar: dict[str, Any]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [finding for finding in self.findings if finding["kind"] == kind]

    def ratio(self, kind: str, measure: str, labels: tuple[str, ...] = ("group", "policy")) -> Found:
        found = ((finding, finding["measures"].get(measure)) for finding in self.of(kind))
        return {key(finding, labels): value for finding, value in found if value is not None}

    def amount(self, kind: str, name: str, labels: tuple[str, ...]) -> Found:
        found = ((finding, finding["amount"].get(name)) for finding in self.of(kind))
        return {key(finding, labels): float(value) for finding, value in found if value is not None}

    def cost(self, measure: str, labels: tuple[str, ...], chosen: Mapping[str, str]) -> Found:
        sums: dict[tuple[str, ...], Decimal] = {}
        for line in self.costs.lines():
            own = dict(zip(("provider", "account", "service", *self.dimensions), line.place, strict=True))
            fits = all(chosen[name] in {".*", own[name]} for name in ("provider", "team"))
            value = getattr(line, measure)
            if value is None or line.cost != chosen["cost"] or not fits:
                continue
            place = tuple(line.currency if name == "currency" else own.get(name, "") for name in labels)
            sums[place] = sums.get(place, Decimal(0)) + value
        return {place: float(value) for place, value in sums.items()}

    def forecast(self, end: str) -> Found:
        names = sorted(("cost", "currency", *self.dimensions))

        def place(one: MonthForecast) -> tuple[str, ...]:
            own = dict(zip(self.dimensions, one.group, strict=True), cost="effective", currency=self.month.currency)
            return tuple(own[name] for name in names)

        return {place(one): float(getattr(one, end)) for one in self.month.forecasts}

    def each_source(self, value: Worth, labels: tuple[str, ...] = ("kind", "source")) -> Found:
        named = ({**source, "source": source["name"]} for source in self.sources)
        found = ((source, value(source)) for source in named)
        return {tuple(source[label] for label in labels): number for source, number in found if number is not None}


def key(finding: dict[str, Any], labels: tuple[str, ...]) -> tuple[str, ...]:
    group = ",".join(f"{name}={value}" for name, value in sorted(finding["group"].items()))
    values = {
        **finding,
        "group": group,
        "currency": finding["amount"]["currency"],
        "severity": finding["severity"] or "",
    }
    return tuple(values[label] for label in labels)


@pytest.fixture(scope="module")
def scraped(collected: Path, prometheus_with_rules: Prometheus) -> Iterator[tuple[Told, Prometheus]]:
    """The demo evaluated as of now, its page scraped, and the rules evaluated over it."""
    clock = SystemClock()
    container = open_container(collected / "finops.yaml", clock)
    result = container.evaluator.evaluate(clock.now())
    month = container.evaluator.month(result, EvaluationCache())
    snapshot = build_snapshot(
        result.evaluation,
        result.settings,
        month=month,
        radar=container.radar.read(clock.now(), drivers=False),
        evaluated_seconds=result.seconds,
        max_series=container.config.max_series,
        profiles=PROFILES,
    )
    operations = operations_reader(container).read(leader=True)
    with published(snapshot, operations, container=container) as url:
        prometheus_with_rules.scrape(url.removeprefix("http://"))
        findings, sources = (httpx.get(f"{url}/api/v1/{what}?limit=1000").json() for what in ("findings", "sources"))
        page = httpx.get(f"{url}/metrics").text
        asked = {"from": f"{snapshot.as_of:%Y-%m}-01", "every": "all", "by": "team"}
        radar = httpx.get(f"{url}/api/v1/radar").json()
        api_costs = httpx.get(f"{url}/api/v1/costs", params={**asked, "limit": 1000}).json()["rows"]
        told = Told(
            findings,
            sources,
            result.evaluation.costs,
            result.settings.dimensions,
            snapshot.as_of,
            {source.name: source.every.total_seconds() for source in operations.sources if source.every},
            result.seconds,
            tuple(operations.outbox.pending),
            _series(page),
            api_costs,
            month,
            radar,
        )
        ready = f"count({MONTH_SUM}) and on () (count_over_time(finops_leader[1m]) > 1)"
        prometheus_with_rules.until(lambda: bool(prometheus_with_rules.query(ready)), "the rules were not evaluated")
        yield told, prometheus_with_rules
    container.close()


def _series(page: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name = line.partition("{")[0].partition(" ")[0]
            counts[name] = counts.get(name, 0) + 1
    return counts


def ask(server: Prometheus, expression: str, chosen: Mapping[str, str]) -> tuple[Found, float]:
    """The answer, and the moment that it is of. A label that no series has is not there."""
    for name, value in chosen.items():
        expression = expression.replace(f"${name}", value)
    answer = server.query(expression)
    labels = sorted({label for series in answer for label in series["metric"]})
    found = {tuple(filter(None, (s["metric"].get(label) for label in labels))): float(s["value"][1]) for s in answer}
    assert len(found) == len(answer)
    return found, float(answer[0]["value"][0]) if answer else 0.0


def states(told: Told, state: str, labels: tuple[str, ...]) -> Found:
    return {key(finding, labels): 1.0 for finding in told.findings if finding["state"] == state}


def severities(told: Told) -> Found:
    firing = [finding["severity"] for finding in told.findings if finding["state"] == "firing"]
    return {(name,): float(firing.count(name)) for name in ("info", "warning", "critical")}


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def largest(found: Found, count: int) -> Found:
    return dict(sorted(found.items(), key=lambda item: -item[1])[:count])


def expected(told: Told, panel: str, ref: str, chosen: Mapping[str, str], now: float) -> Found:
    """What a panel must show, from what the service says; labels in the order of their names."""
    row, money = ("group", "owner", "policy"), ("currency", "group", "owner", "policy")
    growth = ("demand", "group", "policy")
    unit = ("currency", "demand", "group", "policy")
    zero: Found = {(source["name"],): 0.0 for source in told.sources}

    def ago(of: float) -> float:
        return now - of

    def source(name: str) -> Found:
        return told.each_source(lambda one: ago(seconds(one[name])))

    def end(kind: str, measure: str) -> Found:
        hours = told.ratio(kind, measure, row)
        return {place: round(told.as_of.timestamp() + value * 3600) * 1000.0 for place, value in hours.items()}

    def difference() -> Found:
        cost, demand = (told.ratio("Growth", f"{name}_growth", growth) for name in ("cost", "demand"))
        return {place: cost[place] - demand[place] for place in cost.keys() & demand.keys()}

    found = Counter(one["outcome"] for one in of_first_level(told.radar))
    answers: dict[tuple[str, str], Callable[[], Found]] = {
        ("Month to date", "A"): lambda: told.cost("month_to_date_amount", ("currency",), chosen),
        ("Latest settled day", "A"): lambda: told.cost("day_amount", ("currency",), chosen),
        ("Verdicts that fire", "A"): lambda: severities(told),
        ("Unknown", "A"): lambda: {(): float(len(states(told, "unknown", ("id",))))},
        ("Sources down", "A"): lambda: {(): float(sum(one["state"] == "failing" for one in told.sources))},
        ("Age of the verdicts", "A"): lambda: {("finops",): ago(told.as_of.timestamp())},
        ("What fires", "A"): lambda: states(told, "firing", ("group", "kind", "owner", "policy", "severity")),
        ("What is unknown", "A"): lambda: states(told, "unknown", ("group", "kind", "owner", "policy")),
        ("A day's cost by provider", "A"): lambda: told.cost("day_amount", ("currency", "provider"), chosen),
        ("A day's cost by team", "A"): lambda: told.cost("day_amount", ("currency", "team"), chosen),
        ("Month to date by team", "A"): lambda: told.cost("month_to_date_amount", ("currency", "team"), chosen),
        ("Month to date by service: the ten largest", "A"): lambda: largest(
            told.cost("month_to_date_amount", ("currency", "service"), chosen), 10
        ),
        ("Forecast of the month", "A"): lambda: told.forecast("amount"),
        ("Forecast of the month", "B"): lambda: told.forecast("low"),
        ("Forecast of the month", "C"): lambda: told.forecast("high"),
        ("A month beyond demand", "A"): lambda: beyond_demand(told),
        ("Radar", "A"): lambda: {
            **{(one,): float(found[one]) for one in ("beyond", "explained", "growing")},
            ("in_step",): float(told.radar["levels"][0]["in_step"]),
        },
        ("Not judged by the radar", "A"): lambda: {("finops",): float(len(told.radar["not_judged"]))},
        ("Age of the radar", "A"): lambda: {("finops",): ago(datetime.fromisoformat(told.radar["as_of"]).timestamp())},
        ("Spend with an owner", "A"): lambda: told.ratio("Allocation", "allocated"),
        ("Budgets", "A"): lambda: told.amount("Budget", "limit", money),
        ("Budgets", "B"): lambda: told.amount("Budget", "spent", money),
        ("Budgets", "C"): lambda: told.amount("Budget", "forecast", money),
        ("Budgets", "D"): lambda: told.amount("Budget", "forecast_low", money),
        ("Budgets", "E"): lambda: told.amount("Budget", "forecast_high", money),
        ("Shares of each budget", "A"): lambda: told.ratio("Budget", "spent", row),
        ("Shares of each budget", "B"): lambda: told.ratio("Budget", "pace", row),
        ("Shares of each budget", "C"): lambda: told.ratio("Budget", "forecast", row),
        ("Shares of each budget", "D"): lambda: end("Budget", "exhausts_in"),
        ("Spent of the budget", "A"): lambda: told.ratio("Budget", "spent"),
        ("Spent and budget", "A"): lambda: told.amount("Budget", "spent", money),
        ("Spent and budget", "B"): lambda: told.amount("Budget", "limit", money),
        ("Forecast of the whole period", "A"): lambda: told.amount("Budget", "forecast", money),
        ("Forecast of the whole period", "B"): lambda: told.amount("Budget", "forecast_low", money),
        ("Forecast of the whole period", "C"): lambda: told.amount("Budget", "forecast_high", money),
        ("Pace", "A"): lambda: told.ratio("Budget", "pace"),
        ("Forecast of the budget", "A"): lambda: told.ratio("Budget", "forecast"),
        ("Growth of cost against growth of demand", "A"): lambda: told.ratio("Growth", "cost_growth", growth),
        ("Growth of cost against growth of demand", "B"): lambda: told.ratio("Growth", "demand_growth", growth),
        ("Growth of cost against growth of demand", "C"): difference,
        ("Growth of cost against growth of demand", "D"): lambda: told.ratio("Growth", "elasticity", growth),
        ("Growth of cost against growth of demand", "E"): lambda: told.ratio("Growth", "elasticity_low", growth),
        ("Growth of cost against growth of demand", "F"): lambda: told.ratio("Growth", "elasticity_high", growth),
        ("Cost and demand", "A"): lambda: told.ratio("Growth", "cost_growth", growth),
        ("Cost and demand", "B"): lambda: told.ratio("Growth", "demand_growth", growth),
        ("Elasticity", "A"): lambda: told.ratio("Growth", "elasticity", growth),
        ("Elasticity", "B"): lambda: told.ratio("Growth", "elasticity_low", growth),
        ("Elasticity", "C"): lambda: told.ratio("Growth", "elasticity_high", growth),
        ("Unit cost", "A"): lambda: told.amount("UnitCost", "unit_cost", unit),
        ("Unit cost over time", "A"): lambda: told.amount("UnitCost", "unit_cost", unit),
        ("Return over time", "A"): lambda: told.ratio("Value", "return", growth),
        ("Return over time", "B"): lambda: told.ratio("Value", "return_low", growth),
        ("Return over time", "C"): lambda: told.ratio("Value", "return_high", growth),
        ("Marginal return over time", "A"): lambda: told.ratio("Value", "marginal_return", growth),
        ("Anomalies: the ten highest scores", "A"): lambda: largest(told.ratio("Anomaly", "score"), 10),
        ("Commitments", "A"): lambda: told.ratio("Commitment", "utilisation"),
        ("Commitments", "B"): lambda: told.ratio("Commitment", "coverage"),
        ("Commitments that end, agreed spend that will be missing", "A"): lambda: end("Commitment", "expires_in"),
        ("Commitments that end, agreed spend that will be missing", "B"): lambda: told.amount(
            "Commitment", "shortfall", money
        ),
        ("Emissions", "A"): lambda: told.ratio("Carbon", "emissions"),
        ("Leaders", "A"): lambda: {("finops",): 1.0},
        ("An evaluation takes", "A"): lambda: {("finops",): told.evaluation_seconds},
        ("Messages that wait", "A"): lambda: {(name,): 0.0 for name in told.receivers},
        ("Series folded", "A"): lambda: {(): 0.0},
        ("Sources", "A"): lambda: told.each_source(lambda one: float(one["state"] == "working")),
        ("Sources", "B"): lambda: source("last_success_at"),
        ("Sources", "C"): lambda: source("complete_through"),
        ("Sources", "D"): lambda: told.each_source(lambda one: told.every_seconds[one["name"]]),
        ("Sources", "E"): lambda: told.each_source(lambda one: one["rows"]),
        ("Sources", "F"): lambda: told.each_source(lambda one: one["collect_duration_seconds"], ("source",)),
        ("Sources", "G"): lambda: told.each_source(lambda one: one["requests"], ("source",)),
        ("Sources", "H"): lambda: told.each_source(lambda one: one["request_cost_usd"], ("source",)),
        ("Age of the bills", "A"): lambda: {
            (one["name"],): ago(seconds(one["complete_through"])) for one in told.sources
        },
        ("Restated by the latest delivery", "A"): lambda: {
            (currency, one["name"]): float(amount)
            for one in told.sources
            for currency, amount in one["restated"].items()
        },
        ("Requests in a day", "A"): lambda: zero,
        ("Requests in a day", "B"): lambda: zero,
        ("Requests cost in a day", "A"): lambda: zero,
        ("Deliveries in a day", "A"): lambda: {
            (outcome, name): 0.0 for name in told.receivers for outcome in ("delivered", "failed", "parked")
        },
        ("Series on the metrics page", "A"): lambda: {
            (name,): float(count) for name, count in told.series.items() if not name.startswith("finops_exporter_")
        },
    }
    return answers[panel, ref]()


def of_first_level(radar: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in radar["found"] if set(one["group"]) == set(radar["levels"][0]["columns"])]


def beyond_demand(told: Told) -> Found:
    """The twenty largest."""
    beyond = [one for one in of_first_level(told.radar) if one["outcome"] == "beyond"][:20]
    return {
        (
            told.radar["currency"],
            one["demand"],
            ",".join(f"{name}={value}" for name, value in sorted(one["group"].items())),
        ): float(one["beyond_demand_per_month"])
        for one in beyond
    }


def same(found: Found, wanted: Found) -> bool:
    """Prometheus has no empty labels: a group without a name is a series without the label."""
    stripped = {tuple(filter(None, place)): value for place, value in wanted.items()}
    assert len(stripped) == len(wanted)
    # two milliseconds: a query's moment is rounded to one
    return found.keys() == stripped.keys() and all(
        math.isclose(found[place], stripped[place], rel_tol=1e-9, abs_tol=2e-3) for place in stripped
    )


PANELS = [
    pytest.param(panel["title"], target["refId"], target["expr"], id=f"{name}: {panel['title']} {target['refId']}")
    for name, dashboard in DASHBOARDS.items()
    for panel in dashboard["panels"]
    for target in panel["targets"]
]


@pytest.mark.parametrize(("panel", "ref", "expression"), PANELS)
def test_a_panel_shows_what_the_service_says(
    scraped: tuple[Told, Prometheus], panel: str, ref: str, expression: str
) -> None:
    told, server = scraped
    found, now = ask(server, expression, EVERYTHING)
    wanted = expected(told, panel, ref, EVERYTHING, now)
    assert same(found, wanted), f"{expression}\n{found}\n{wanted}"


@pytest.mark.parametrize(
    "chosen", [{"provider": "AWS"}, {"team": "checkout"}, {"provider": "Microsoft", "team": "data"}]
)
def test_a_filter_chooses_what_it_says(scraped: tuple[Told, Prometheus], chosen: dict[str, str]) -> None:
    told, server = scraped
    filters = {**EVERYTHING, **chosen}
    for panel in ("Month to date", "A day's cost by team", "Month to date by service: the ten largest"):
        (expression,) = (
            target["expr"] for p in DASHBOARDS["overview"]["panels"] if p["title"] == panel for target in p["targets"]
        )
        found, now = ask(server, expression, filters)
        assert found
        assert same(found, expected(told, panel, "A", filters, now))


def test_the_months_sums_are_those_of_the_api(scraped: tuple[Told, Prometheus]) -> None:
    told, server = scraped
    (expression,) = (one.values[2] for one in PANELS if one.values[0] == "Month to date by team")
    found, _ = ask(server, str(expression), EVERYTHING)
    wanted: Found = {
        (row["currency"], row["group"]["team"]): float(row["costs"]["EffectiveCost"]) for row in told.api_costs
    }
    assert len(wanted) > 5
    assert same(found, wanted)


def alert_of(finding: dict[str, Any]) -> str:
    """Which alert speaks of a verdict that fires: docs/prometheus.md."""
    if finding["kind"] != "Budget":
        return {
            "Growth": "FinopsGrowth",
            "UnitCost": "FinopsUnitCost",
            "Value": "FinopsValue",
            "Anomaly": "FinopsAnomaly",
        }.get(finding["kind"], "FinopsPolicyFiring")
    amount, measures = finding["amount"], finding["measures"]
    if measures["spent"] >= 1:
        return "FinopsBudgetSpent"
    if float(amount.get("forecast_low", 0)) > float(amount["limit"]):
        return "FinopsBudgetForecast"
    return "FinopsBudgetPace" if measures.get("pace", 0) > 1 else "FinopsBudgetNearLimit"


def test_rules_fire_on_what_the_service_says_and_on_nothing_else(scraped: tuple[Told, Prometheus]) -> None:
    told, server = scraped
    labels = ("kind", "policy", "group", "owner", "severity")
    wanted = {(alert_of(f), *key(f, labels)) for f in told.findings if f["state"] == "firing"}
    wanted |= {
        ("FinopsPolicyUnknown", *key({**f, "severity": "warning"}, labels))
        for f in told.findings
        if f["state"] == "unknown"
    }

    def found() -> set[tuple[str, ...]]:
        return {
            (alert["labels"]["alertname"], *(alert["labels"].get(label, "") for label in labels))
            for alert in server.alerts()
        }

    server.until(lambda: found() == wanted, f"alerts are not the verdicts: {sorted(wanted)}")


def test_the_planted_incidents_are_among_the_alerts(scraped: tuple[Told, Prometheus]) -> None:
    found = {(a["labels"]["alertname"], a["labels"].get("policy", "")) for a in scraped[1].alerts()}
    assert {
        ("FinopsPolicyFiring", "commitments-are-used"),
        ("FinopsPolicyFiring", "spend-has-an-owner"),
    } <= found
    assert {"assistant-launch"} <= {policy for name, policy in found if name.startswith("FinopsBudget")}
