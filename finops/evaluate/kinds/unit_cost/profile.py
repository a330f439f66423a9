"""What a UnitCost policy declares about itself."""

from __future__ import annotations

from finops.model.kind_profile import (
    AlertRule,
    Chart,
    ChartType,
    Figure,
    KindProfile,
    Measure,
    Metric,
    Panel,
    PanelType,
    Series,
    Style,
)
from finops.model.unit import Unit

_METRIC = "finops_unit_cost_amount"
_MONEY = "locale"

PROFILE = KindProfile(
    kind="UnitCost",
    only_its_rows=True,
    title="Unit cost",
    question="What does one unit of demand cost?",
    documentation="unit-cost.md",
    rank=30,
    statement="unit_costs",
    advice="Each unit costs more than before: compare releases and instance sizes between the two windows.",
    measures={
        "unit_cost": Measure(
            "Unit cost", (Unit.AMOUNT,), Style.FINE, headline="{name} costs {amount.unit_cost} per {units}"
        ),
        "unit_cost_change": Measure(
            "Change of the unit cost",
            (Unit.SHARE,),
            Style.CHANGE,
            headline="{name}: unit cost {measure.unit_cost_change}[, now {amount.unit_cost} per {units}]",
        ),
    },
    figures=(
        Figure("Unit cost", amount="unit_cost", note="per {units}, {period}", style=Style.FINE),
        Figure("Previous window", amount="unit_cost_before", style=Style.FINE),
        Figure("Change", measure="unit_cost_change", note="90 % interval {interval}"),
    ),
    charts=(
        Chart(
            "unit-cost",
            ChartType.LEVEL,
            "What one unit of demand cost",
            "Unit cost[: {amount.unit_cost} now][, {amount.unit_cost_before} in the previous window].",
            "Each point is a day, the line its mean over seven days, in {currency}.",
            lines=(("demand", "{demand}"), ("unit_cost", "Unit cost")),
            value="unit_cost_before",
            mail_title="What one unit of demand cost, day by day",
        ),
        Chart(
            "indexed",
            ChartType.INDEXED,
            "Cost and {demand}, indexed to 100",
            legend="Seven-day means. Where the lines run together, cost follows demand.",
            in_money=False,
        ),
    ),
    metrics=(
        Metric(
            _METRIC,
            "Cost of one unit of demand (of as many as the policy's per says) over its window of settled days, in units"
            " of the label currency.",
            amount="unit_cost",
            by_demand=True,
        ),
    ),
    rules=(
        AlertRule(
            "FinopsUnitCost",
            "A unit of demand costs too much: {policy}",
            "Cost divided by demand is above its threshold, or rose by more than allowed.",
            runbook="FinopsUnitCost",
        ),
    ),
    panels=(
        Panel(
            PanelType.BARS,
            "Unit cost",
            "Cost of as many units of demand as the policy's per says.",
            (Series(_METRIC),),
            unit=_MONEY,
            width=10,
        ),
        Panel(
            PanelType.LINES,
            "Unit cost over time",
            "Over the policy's window of settled days.",
            (Series(_METRIC),),
            unit=_MONEY,
            width=14,
        ),
    ),
)
