"""Invented evaluations: a month in March 2026 with budgets in every state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl

from finops.model.costs import AMOUNTS, CostLine, Costs
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation, Settings, Track
from finops.model.family import text_column
from finops.model.finding import Driver, Finding, Severity, State
from finops.model.money import Money
from finops.model.month_costs import MonthCosts
from finops.model.operations import Operations, OutboxFacts, SourceFacts
from finops.model.period import Period
from finops.model.radar import Level, Outcome, Radar, RadarGroup, RadarPair, Unjudged
from finops.model.snapshot import Snapshot
from finops.publish.snapshot import build_snapshot
from tests.support.profiles import PROFILES

AS_OF = datetime(2026, 3, 20, 6, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
SETTLED = date(2026, 3, 17)
VERSION = DataVersion(costs=42, scopes=42, costs_daily=43, demand=7)
SETTINGS = Settings(currency="EUR", dimensions=("team",))


def budget(
    policy: str,
    *,
    spent: str | None = "6100.00",
    limit: str | None = "12000.00",
    state: State = State.OK,
    severity: Severity | None = None,
    reason: str = "below every line",
    measure: str = "",
    value: float | None = None,
    line: float | None = None,
    group: Mapping[str, str] | None = None,
    owner: str = "team-checkout",
    currency: str = "EUR",
    period: Period = MARCH,
    description: str = "",
) -> Finding:
    """A finding of kind Budget; its measures follow from the amounts."""
    amount = {name: Money(Decimal(text), currency) for name, text in (("spent", spent), ("limit", limit)) if text}
    measures: dict[str, float] = {}
    if spent and limit:
        due = Decimal(limit) * 17 / 31
        amount["due"] = Money(due.quantize(Decimal("0.01")), currency)
        amount["remaining"] = amount["limit"] - amount["spent"]
        settled_spent = Decimal(spent) * 17 / 19
        measures = {"spent": float(Decimal(spent) / Decimal(limit)), "pace": float(settled_spent / due)}
    return Finding(
        policy=policy,
        kind="Budget",
        owner=owner,
        group=group or {},
        state=state,
        severity=severity,
        reason=reason,
        measure=measure,
        value=measures.get(measure) if value is None else value,
        limit=line,
        amount=amount,
        currency=currency,
        period=period,
        as_of=AS_OF,
        complete_through=SETTLED if spent else None,
        data_version=VERSION,
        policy_digest="sha256:0",
        description=description,
        measures=measures,
    )


def track(finding: Finding, weights: Sequence[int] = ()) -> Track:
    """Nineteen days that add up to what the finding spent; ``weights`` give their shape."""
    shape = list(weights) or [5, 5, 5, 4, 3, 2, 5] * 2 + [5, 5, 5, 4, 3]
    whole = sum(shape)
    spent = finding.amount["spent"].amount
    days = [(spent * share / whole).quantize(Decimal("0.01")) for share in shape]
    days[-1] += spent - sum(days, Decimal(0))
    limit = finding.amount["limit"].amount
    length = finding.period.days
    return Track(
        policy=finding.policy,
        group=finding.group_label,
        period=finding.period,
        currency=finding.currency,
        days=tuple(finding.period.start + timedelta(days=offset) for offset in range(len(shape))),
        spent=tuple(days),
        due=tuple((limit * day / length).quantize(Decimal("0.01")) for day in range(1, length + 1)),
        settled_through=SETTLED,
    )


def cost_line(
    account: str, service: str, amount: str, *, cost: str = "effective", currency: str = "EUR", settled: bool = True
) -> CostLine:
    return CostLine(
        place=("AWS", account, service, "checkout"),
        cost=cost,
        currency=currency,
        day=SETTLED if settled else None,
        day_amount=Decimal(amount) / 20 if settled else None,
        month_to_date_amount=Decimal(amount),
    )


def costs_of(lines: Sequence[CostLine]) -> Costs:
    """As columns; no two lines have the same labels."""
    places = sorted({line.place for line in lines})
    names = ("provider", "account", "service", *SETTINGS.dimensions)
    columns = [text_column([place[nth] for place in places]).alias(name) for nth, name in enumerate(names)]
    rows = [
        (places.index(line.place), line.cost, line.currency, line.day, line.day_amount, line.month_to_date_amount)
        for line in lines
    ]
    amounts = pl.DataFrame(rows, schema=AMOUNTS, orient="row").sort("place", "currency", "cost")
    return Costs(pl.DataFrame(columns), amounts)


def findings() -> tuple[Finding, ...]:
    critical = budget(
        "data-platform-monthly",
        spent="21480.35",
        limit="22000.00",
        state=State.FIRING,
        severity=Severity.CRITICAL,
        reason="spent 98 % > 90 %",
        measure="spent",
        line=0.9,
        owner="team-data",
        description="Warehouse, streams and notebooks of the data platform",
    )
    warning = budget(
        "checkout-monthly",
        spent="9500.00",
        group={"environment": "prod"},
        state=State.FIRING,
        severity=Severity.WARNING,
        reason="pace 129 % > 110 %",
        measure="pace",
        line=1.1,
    )
    over = budget(
        "ai-assistants",
        spent="4310.90",
        limit="4000.00",
        currency="USD",
        state=State.FIRING,
        severity=Severity.WARNING,
        reason="spent 108 % > 100 %",
        measure="spent",
        line=1.0,
        owner="team-support",
    )
    unknown = budget(
        "datacentre-quarterly",
        spent=None,
        limit="90000.00",
        state=State.UNKNOWN,
        reason="no data from datacentre since 2026-02-28",
        owner="infrastructure",
        period=Period(date(2026, 1, 1), date(2026, 4, 1)),
    )
    calm = [
        budget("checkout-monthly", spent="1210.00", limit="3000.00", group={"environment": "test"}),
        budget("search-monthly", spent="3902.11", limit="8000.00", owner="team-search"),
        budget("website-monthly", spent="811.07", limit="2500.00", owner="marketing"),
        budget("backup-monthly", spent="402.00", limit="700.00", owner="infrastructure"),
    ]
    freshness = Finding(
        policy="bills-arrive",
        kind="Freshness",
        owner="finops",
        group={"source": "datacentre"},
        state=State.FIRING,
        severity=Severity.WARNING,
        reason="age 20 d > 3 d",
        measure="age",
        value=None,
        limit=None,
        amount={},
        currency="EUR",
        period=MARCH,
        as_of=AS_OF,
        complete_through=None,
        data_version=VERSION,
        policy_digest="sha256:1",
    )
    found = (critical, warning, over, unknown, *calm, freshness)
    return tuple(sorted(found, key=lambda finding: (finding.policy, finding.group_label)))


def evaluation(
    found: tuple[Finding, ...] | None = None, costs: tuple[CostLine, ...] = (), *, tracks: bool = True
) -> Evaluation:
    all_found = findings() if found is None else found
    shapes = {"data-platform-monthly": [4, 4, 4, 4, 4, 3, 3, 4, 4, 4, 5, 9, 10, 10, 11, 11, 12, 12, 9]}
    lines = costs or (
        cost_line("123456789012", "Amazon EC2", "9500.004"),
        cost_line("123456789012", "Amazon EC2", "9700.00", cost="billed"),
        cost_line("000000000042", "Amazon S3", "310.25", settled=False),
        cost_line("sub-1", "GPT", "4310.90", currency="USD"),
    )
    return Evaluation(
        as_of=AS_OF,
        data_version=VERSION,
        findings=all_found,
        tracks=tuple(
            track(finding, shapes.get(finding.policy, ()))
            for finding in all_found
            if tracks and {"spent", "limit"} <= set(finding.amount)
        ),
        costs=costs_of(lines),
    )


ORDERS = RadarPair(
    "orders", 0.6, 0.1, 0.0001, found=True, relation=0.9, per_month=Decimal("1200.5"), low=0.4, high=0.6,
    since=date(2026, 2, 2),
)  # fmt: skip
TOKENS = RadarPair("tokens", 0.6, 0.58, 0.8, found=False, relation=0.9, per_month=Decimal(10))
FOUND = RadarGroup(
    {"team": "shop", "ServiceName": "<b>EC2</b>"}, Outcome.BEYOND, (ORDERS,), 0, Decimal(4000), Decimal(4000),
    date(2026, 3, 17), (Driver("RegionId", "eu-1", Decimal(900)),), policy="kind: Growth\n",
)  # fmt: skip
RADAR = Radar(
    as_of=AS_OF,
    currency="EUR",
    window=Period(date(2025, 12, 24), date(2026, 3, 18)),
    ahead_to=date(2026, 6, 30),
    series=("orders", "tokens"),
    levels=(Level(("team", "ServiceName"), 9, 18, 7, Decimal(9000)), Level(("team",), 2, 4, 2, Decimal(9000))),
    found=(FOUND,),
    unjudged=(Unjudged({"team": "shop", "ServiceName": "New"}, "", "too short a history", "3 weeks", Decimal(70)),),
)


def snapshot(made: Evaluation | None = None, *, max_series: int = 10_000, radar: Radar | None = None) -> Snapshot:
    return build_snapshot(
        made or evaluation(),
        SETTINGS,
        evaluated_seconds=1.25,
        max_series=max_series,
        profiles=PROFILES,
        month=MonthCosts(MARCH, AS_OF.date(), "EUR", SETTINGS.dimensions),
        radar=radar,
    )


def operations() -> Operations:
    return Operations(
        sources=(
            SourceFacts(
                "aws-prod",
                "aws-data-export",
                last_success_at=AS_OF - timedelta(hours=2),
                complete_through=datetime(2026, 3, 20, tzinfo=UTC),
                rows=1_204_332,
                restated={"EUR": Decimal("-132.405")},
                requests=120,
                request_cost_usd=0.12,
                collect_duration_seconds=31.5,
                every=timedelta(hours=6),
            ),
            SourceFacts(
                "azure-prod",
                "azure-cost-export",
                last_success_at=AS_OF - timedelta(hours=5),
                complete_through=datetime(2026, 3, 19, tzinfo=UTC),
                rows=402_111,
                throttled=3,
            ),
            SourceFacts(
                "datacentre",
                "focus-files",
                up=False,
                last_success_at=AS_OF - timedelta(days=20),
                complete_through=datetime(2026, 3, 1, tzinfo=UTC),
                rows=900,
                error="bills/2026-03.csv, row 17, column BilledCost: '12,5' is not a valid number. Ask for it again",
            ),
        ),
        outbox=OutboxFacts(pending={"finance": 0, "hook": 2}, deliveries={("finance", "delivered"): 5}),
        evaluate_every=timedelta(hours=1),
    )
