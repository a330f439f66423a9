"""What a Budget declares about itself."""

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

_MONEY = "locale"
_RATIO = "percentunit"
_LIMIT, _SPENT = "finops_budget_limit_amount", "finops_budget_spent_amount"
_SPENT_RATIO, _PACE_RATIO = "finops_budget_spent_ratio", "finops_budget_pace_ratio"
_FORECAST, _FORECAST_RATIO = "finops_budget_forecast_amount", "finops_budget_forecast_ratio"
_EXHAUSTS = "finops_budget_exhausts_timestamp_seconds"

PROFILE = KindProfile(
    kind="Budget",
    only_its_rows=True,
    title="Budget",
    question="Is spending within budget?",
    documentation="budget.md",
    rank=10,
    against_limit=True,
    statement="budgets",
    calm="Below every threshold.",
    headlines=("{name} is {below_zero.remaining} over its [{period.short} ]budget[ ({measure.spent})]",),
    calm_headline="{name} is within its [{period.short} ]budget[ ({measure.spent} spent)]",
    if_intended="If the rise is intended, agree on a new amount and change the policy",
    measures={
        "spent": Measure(
            "Spent",
            (Unit.SHARE, Unit.AMOUNT),
            firing="{value} of the budget is spent; the threshold is {threshold}.",
            headline="{name} has spent {measure.spent} of its [{period.short} ]budget",
        ),
        "remaining": Measure(
            "Remaining",
            (Unit.SHARE, Unit.AMOUNT),
            headline="{name} has {amount.remaining} of its [{period.short} ]budget left",
        ),
        "pace": Measure(
            "Pace",
            (Unit.SHARE,),
            Style.PACE,
            firing="Spending is {value}; the threshold is {threshold}.",
            headline="{name} is spending {measure.pace}[ in {period.short}]",
        ),
        "forecast": Measure(
            "Forecast",
            (Unit.SHARE, Unit.AMOUNT),
            firing="The forecast is {value} of the budget; the threshold is {threshold}.",
            headline="{name} is forecast to reach {measure.forecast} of its [{period.short} ]budget"
            "[ ({amount.forecast})]",
        ),
        "exhausts_in": Measure(
            "Exhausts in",
            (Unit.DURATION,),
            headline="{name} is forecast to exhaust its [{period.short} ]budget in {measure.exhausts_in}",
        ),
    },
    figures=(
        Figure("Spent", amount="spent", note="{measure.spent} of the budget"),
        Figure("Budget", amount="limit", note="{period}"),
        Figure("Remaining", amount="remaining", below_zero="Over budget by"),
        Figure("Pace", measure="pace", note="settled days only"),
        Figure("Forecast for the period", amount="forecast", note="{interval}", optional=True),
    ),
    charts=(
        Chart(
            "burn-up",
            ChartType.BURN_UP,
            "Spend against budget",
            "Spent in {period}[: {amount.spent} so far][ of {amount.limit}][; {amount.forecast} expected by the end].",
            "The thick line is what was spent, dashed where it can still change; the thin grey line is the budget. "
            "The dotted line is the forecast, with its 80 % interval.",
            mail_title="Spend against budget; the dotted line is the forecast",
        ),
    ),
    metrics=(
        Metric(_LIMIT, "Budget of the whole period, in units of the label currency.", amount="limit"),
        Metric(
            _SPENT,
            "Spend of a budget so far, including provisional days, in units of the label currency.",
            amount="spent",
        ),
        Metric(_SPENT_RATIO, "Spent so far as a share of the budget; 1 is all of it.", measure="spent"),
        Metric(
            _PACE_RATIO,
            "Spent on settled days as a share of the budget due by then; above 1 is faster than planned.",
            measure="pace",
        ),
        Metric(
            _FORECAST,
            "Expected cost of a budget's whole period, in units of the label currency."
            " Only for budgets with an alert on forecast or exhausts_in; the same applies to its bounds.",
            amount="forecast",
        ),
        Metric(
            f"{_FORECAST}_low",
            "Lower end of the forecast's 80 % interval, in units of the label currency.",
            amount="forecast_low",
        ),
        Metric(
            f"{_FORECAST}_high",
            "Upper end of the forecast's 80 % interval, in units of the label currency.",
            amount="forecast_high",
        ),
        Metric(
            _FORECAST_RATIO,
            "Forecast of the whole period as a share of the budget; above 1 the budget will be exceeded.",
            measure="forecast",
        ),
        Metric(
            _EXHAUSTS,
            "When the budget is spent according to the forecast, in seconds since 1970."
            " No series where it lasts until its period ends.",
            measure="exhausts_in",
            from_now=True,
        ),
    ),
    rules=(
        AlertRule(
            "FinopsBudgetSpent",
            "The budget {policy} is spent: {{ $value | humanizePercentage }}",
            "The budget of the whole period has been spent.",
            metric=_SPENT_RATIO,
            holds=">= 1",
            runbook="FinopsBudgetSpent",
        ),
        AlertRule(
            "FinopsBudgetForecast",
            "The budget {policy} will be exceeded: at least {{ $value | humanizePercentage }} by the end of its period",
            "Even the lower end of the forecast is above the limit.",
            metric=f"{_FORECAST}_low",
            over=_LIMIT,
            holds="> 1",
            runbook="FinopsBudgetForecast",
        ),
        AlertRule(
            "FinopsBudgetPace",
            "Budget {policy} is ahead of plan: {{ $value | humanizePercentage }} of the amount due by now",
            "Settled days cost more than the share of the budget that is due by now.",
            metric=_PACE_RATIO,
            holds="> 1",
            runbook="FinopsBudgetPace",
        ),
        AlertRule(
            "FinopsBudgetNearLimit",
            "The budget {policy} approaches its limit",
            "It is neither exhausted nor ahead of plan, but a threshold of its policy is exceeded.",
            runbook="FinopsBudgetNearLimit",
        ),
    ),
    panels=(
        Panel(
            PanelType.ROWS,
            "Budgets",
            "Spent includes provisional days. Budgets with an alert on the forecast have one.",
            (
                Series(_LIMIT, "budget", unit=_MONEY),
                Series(_SPENT, "spent", unit=_MONEY),
                Series(_FORECAST, "forecast", unit=_MONEY),
                Series(f"{_FORECAST}_low", "at least", unit=_MONEY),
                Series(f"{_FORECAST}_high", "at most", unit=_MONEY),
            ),
            width=24,
            height=12,
            dashboard="budgets",
        ),
        Panel(
            PanelType.ROWS,
            "Shares of each budget",
            "Spent: 100 % is all of it. Pace: above 100 % is faster than planned.",
            (
                Series(_SPENT_RATIO, "spent", unit=_RATIO),
                Series(_PACE_RATIO, "pace", unit=_RATIO),
                Series(_FORECAST_RATIO, "forecast", unit=_RATIO),
                Series(_EXHAUSTS, "spent by", unit="dateTimeAsIso"),
            ),
            width=14,
            height=12,
            dashboard="budgets",
        ),
        Panel(
            PanelType.BARS,
            "Spent of the budget",
            "100 % is all of it.",
            (Series(_SPENT_RATIO),),
            unit=_RATIO,
            width=10,
            height=12,
            steps=((0.8, "orange"), (1.0, "red")),
            dashboard="budgets",
        ),
        Panel(
            PanelType.LINES,
            "Spent and budget",
            "Choose a policy above. Both restart with each period.",
            (Series(_SPENT, "spent"), Series(_LIMIT, "budget")),
            unit=_MONEY,
            dashboard="budgets",
        ),
        Panel(
            PanelType.LINES,
            "Forecast of the whole period",
            "The forecast of each day, with its 80 % interval.",
            (
                Series(_FORECAST, "expected"),
                Series(f"{_FORECAST}_low", "at least"),
                Series(f"{_FORECAST}_high", "at most"),
            ),
            unit=_MONEY,
            dashboard="budgets",
        ),
        Panel(
            PanelType.LINES,
            "Pace",
            "Settled spend against what is due by then; above 100 % is faster than planned.",
            (Series(_PACE_RATIO),),
            unit=_RATIO,
            dashboard="budgets",
        ),
        Panel(
            PanelType.LINES,
            "Forecast of the budget",
            "Expected share of the whole period's budget; above 100 % the budget will be exceeded.",
            (Series(_FORECAST_RATIO),),
            unit=_RATIO,
            dashboard="budgets",
        ),
    ),
)
