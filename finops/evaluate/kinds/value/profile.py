"""What a Value policy declares about itself."""

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
)
from finops.model.unit import Unit

_RETURN, _MARGINAL = "finops_return_ratio", "finops_marginal_return_ratio"
_OFTEN = "90 % interval {interval}"

PROFILE = KindProfile(
    kind="Value",
    only_its_rows=True,
    title="Value",
    question="What does a unit of money bring?",
    documentation="value.md",
    rank=35,
    advice="Spending brings less than required: compare the cost drivers with what they are meant to earn, and stop "
    "what earns least.",
    measures={
        "return": Measure(
            "Return", (Unit.NUMBER,), headline="{name}: {measure.return} of {demand} for each unit of cost"
        ),
        "marginal_return": Measure(
            "Marginal return",
            (Unit.NUMBER,),
            headline="{name}: {measure.marginal_return} of {demand} for each additional unit of cost",
        ),
    },
    figures=(
        Figure("Return", measure="return", note=_OFTEN),
        Figure("Value", amount="value", note="{demand}, {period}"),
        Figure("Cost", amount="cost", note="of the same days"),
        Figure("Marginal return", measure="marginal_return", note=_OFTEN, optional=True),
    ),
    charts=(
        Chart(
            "indexed",
            ChartType.INDEXED,
            "Cost and {demand}, indexed to 100",
            legend="Seven-day means. Where the lines run together, the return stays the same.",
            mail_title="Cost and value, indexed to 100",
            in_money=False,
        ),
        Chart(
            "return",
            ChartType.INTERVAL,
            "Return: value for one unit of cost",
            legend="The bar is the 90 % interval. A verdict fires when the whole bar is beyond the threshold, not on "
            "the point alone.",
            value="return",
            in_money=False,
        ),
    ),
    metrics=(
        Metric(
            _RETURN,
            "Value divided by cost over the policy's window of settled days; 3 is three units for each one spent.",
            measure="return",
            by_demand=True,
        ),
        Metric(f"{_RETURN}_low", "Lower end of the 90 % interval of the return.", measure="return_low", by_demand=True),
        Metric(
            f"{_RETURN}_high", "Upper end of the 90 % interval of the return.", measure="return_high", by_demand=True
        ),
        Metric(
            _MARGINAL,
            "Change of value divided by change of cost since the previous window; absent unless cost rose.",
            measure="marginal_return",
            by_demand=True,
        ),
    ),
    rules=(
        AlertRule(
            "FinopsValue",
            "Spending brings less value than required: {policy}",
            "Value divided by cost, or the change of value divided by the change of cost, is below its threshold with "
            "its whole interval.",
            runbook="FinopsValue",
        ),
    ),
    panels=(
        Panel(
            PanelType.LINES,
            "Return over time",
            "Value divided by cost, over the policy's window of settled days.",
            (Series(_RETURN, "return"), Series(f"{_RETURN}_low", "low"), Series(f"{_RETURN}_high", "high")),
        ),
        Panel(
            PanelType.LINES,
            "Marginal return over time",
            "Change of value divided by change of cost since the previous window, where cost rose.",
            (Series(_MARGINAL),),
        ),
    ),
)
