"""What a Growth policy declares about itself."""

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

_RATIO = "percentunit"
_COST, _DEMAND, _ELASTICITY = "finops_cost_growth_ratio", "finops_demand_growth_ratio", "finops_cost_elasticity_ratio"
_OFTEN = "90 % interval {interval}"
_AGAINST = "{name}: cost {measure.cost_growth}, {demand} {measure.demand_growth}"

PROFILE = KindProfile(
    kind="Growth",
    only_its_rows=True,
    title="Growth",
    question="Does cost grow faster than demand?",
    documentation="growth.md",
    rank=20,
    advice="Cost grows faster than demand: find costs that do not scale with demand, such as retries, logs, idle "
    "capacity or a more expensive model.",
    measures={
        "elasticity": Measure(
            "Elasticity", (Unit.NUMBER,), headline="{name} changes {measure.elasticity} times as fast as {demand}"
        ),
        "excess_growth": Measure("Excess growth", (Unit.SHARE,), Style.CHANGE, headline=_AGAINST),
        "cost_growth": Measure("Cost growth", (Unit.SHARE,), Style.CHANGE, headline=_AGAINST),
        "demand_growth": Measure("Demand growth", (Unit.SHARE,), Style.CHANGE, headline=_AGAINST),
    },
    figures=(
        Figure("Elasticity", measure="elasticity", note=_OFTEN),
        Figure("Cost, compared with the previous window", measure="cost_growth", note=_OFTEN),
        Figure("{demand}, compared with the previous window", measure="demand_growth", note=_OFTEN),
        Figure("Excess growth", measure="excess_growth", note=_OFTEN),
    ),
    charts=(
        Chart(
            "indexed",
            ChartType.INDEXED,
            "Cost and {demand}, indexed to 100",
            legend="Seven-day means. Where the lines run together, cost follows demand.",
            mail_title="Cost and demand, indexed to 100",
            in_money=False,
        ),
        Chart(
            "elasticity",
            ChartType.INTERVAL,
            "Elasticity: growth of cost for 1 % growth of demand",
            legend="The bar is the 90 % interval. A verdict fires when the whole bar is beyond the threshold, not on "
            "the point alone.",
            value="elasticity",
            in_money=False,
        ),
    ),
    metrics=(
        Metric(
            _COST,
            "Growth of cost compared with the previous window; 0.1 is 10 %.",
            measure="cost_growth",
            by_demand=True,
        ),
        Metric(
            _DEMAND,
            "Growth of demand compared with the previous window; 0.1 is 10 %.",
            measure="demand_growth",
            by_demand=True,
        ),
        Metric(
            _ELASTICITY,
            "Trend of cost as a multiple of the trend of demand; above 1, cost grows faster than demand.",
            measure="elasticity",
            by_demand=True,
        ),
        Metric(
            f"{_ELASTICITY}_low",
            "Lower end of the 90 % interval of the elasticity.",
            measure="elasticity_low",
            by_demand=True,
        ),
        Metric(
            f"{_ELASTICITY}_high",
            "Upper end of the 90 % interval of the elasticity.",
            measure="elasticity_high",
            by_demand=True,
        ),
    ),
    rules=(
        AlertRule(
            "FinopsGrowth",
            "Cost grows faster than demand: {policy}",
            "The policy compares growth of cost with growth of demand, with an interval; noise alone does not fire.",
            runbook="FinopsGrowth",
        ),
    ),
    panels=(
        Panel(
            PanelType.ROWS,
            "Growth of cost against growth of demand",
            "Elasticity: trend of cost as a multiple of the trend of demand, with its 90 % interval. 1 is in step.",
            (
                Series(_COST, "cost", unit=_RATIO),
                Series(_DEMAND, "demand", unit=_RATIO),
                Series(_COST, "not explained by demand", minus=_DEMAND, unit=_RATIO),
                Series(_ELASTICITY, "elasticity"),
                Series(f"{_ELASTICITY}_low", "at least"),
                Series(f"{_ELASTICITY}_high", "at most"),
            ),
            width=24,
        ),
        Panel(
            PanelType.LINES,
            "Cost and demand",
            "Each compared with the previous window.",
            (Series(_COST, "cost"), Series(_DEMAND, "{{demand}}")),
            unit=_RATIO,
        ),
        Panel(
            PanelType.LINES,
            "Elasticity",
            "A policy fires when the lower end is above its threshold.",
            (Series(_ELASTICITY), Series(f"{_ELASTICITY}_low", "at least"), Series(f"{_ELASTICITY}_high", "at most")),
        ),
    ),
)
