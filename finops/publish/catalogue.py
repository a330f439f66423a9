"""Every metric family: its name, its labels, and what it means. ``docs/metrics.md`` is made from this table."""

from __future__ import annotations

from finops.model.family import Family, FamilyType

_POLICY = ("policy", "owner", "group")
_COST = ("provider", "account", "service", "cost", "currency")
_SOURCE = ("source", "kind")


def _gauge(name: str, labels: tuple[str, ...], text: str) -> Family:
    return Family(name, FamilyType.GAUGE, text, labels)


def _counter(name: str, labels: tuple[str, ...], text: str) -> Family:
    return Family(name, FamilyType.COUNTER, text, labels)


COST_DAY = _gauge(
    "finops_cost_day_amount",
    _COST,
    "Cost of the latest settled day, in units of the label currency. The smallest series are summed in __other__.",
)
COST_MONTH_TO_DATE = _gauge(
    "finops_cost_month_to_date_amount",
    _COST,
    "Cost since the month began, provisional days included, in units of the label currency."
    " The smallest series are summed in __other__.",
)
BUDGET_LIMIT = _gauge(
    "finops_budget_limit_amount",
    (*_POLICY, "currency"),
    "What a budget allows for its whole period, in units of the label currency.",
)
BUDGET_SPENT = _gauge(
    "finops_budget_spent_amount",
    (*_POLICY, "currency"),
    "What was spent of a budget so far, provisional days included, in units of the label currency.",
)
BUDGET_SPENT_RATIO = _gauge(
    "finops_budget_spent_ratio", _POLICY, "Spent so far as a share of the budget; 1 is all of it."
)
BUDGET_PACE_RATIO = _gauge(
    "finops_budget_pace_ratio",
    _POLICY,
    "Spent on settled days as a share of the budget due by then; above 1 is faster than planned.",
)
ALLOCATION_RATIO = _gauge(
    "finops_allocation_ratio", _POLICY, "Share of the settled spend whose dimension is set; 1 is all of it."
)
COMMITMENT_UTILISATION_RATIO = _gauge(
    "finops_commitment_utilisation_ratio", _POLICY, "Used share of the commitments paid for on settled days."
)
COMMITMENT_COVERAGE_RATIO = _gauge(
    "finops_commitment_coverage_ratio",
    _POLICY,
    "Share that commitments covered of the usage that they could cover, on settled days.",
)
UNIT_COST = _gauge(
    "finops_unit_cost_amount",
    (*_POLICY, "demand", "currency"),
    "Cost of one unit of demand (of as many as the policy's per says) over its window of settled days, in units of the"
    " label currency.",
)
COST_GROWTH = _gauge(
    "finops_cost_growth_ratio",
    (*_POLICY, "demand"),
    "By how much cost grew against the window before; 0.1 is 10 %.",
)
DEMAND_GROWTH = _gauge(
    "finops_demand_growth_ratio",
    (*_POLICY, "demand"),
    "By how much demand grew against the window before; 0.1 is 10 %.",
)
ELASTICITY = _gauge(
    "finops_cost_elasticity_ratio",
    (*_POLICY, "demand"),
    "Trend of cost as a multiple of the trend of demand; above 1 cost grows faster than what it serves.",
)
ELASTICITY_LOW = _gauge(
    "finops_cost_elasticity_ratio_low", (*_POLICY, "demand"), "Lower end of the 90 % interval of the elasticity."
)
ELASTICITY_HIGH = _gauge(
    "finops_cost_elasticity_ratio_high", (*_POLICY, "demand"), "Upper end of the 90 % interval of the elasticity."
)
EMISSIONS = _gauge(
    "finops_emissions_grams",
    _POLICY,
    "CO2 equivalent of the newest whole period that is known, in grams.",
)
BUDGET_FORECAST = _gauge(
    "finops_budget_forecast_amount",
    (*_POLICY, "currency"),
    "What a budget's whole period is expected to come to, in units of the label currency."
    " There for budgets with an alert on forecast or exhausts_in, like its bounds.",
)
BUDGET_FORECAST_LOW = _gauge(
    "finops_budget_forecast_amount_low",
    (*_POLICY, "currency"),
    "Lower end of the forecast's 80 % interval, in units of the label currency.",
)
BUDGET_FORECAST_HIGH = _gauge(
    "finops_budget_forecast_amount_high",
    (*_POLICY, "currency"),
    "Upper end of the forecast's 80 % interval, in units of the label currency.",
)
BUDGET_FORECAST_RATIO = _gauge(
    "finops_budget_forecast_ratio",
    _POLICY,
    "Forecast of the whole period as a share of the budget; above 1 it will not do.",
)
BUDGET_EXHAUSTS = _gauge(
    "finops_budget_exhausts_timestamp_seconds",
    _POLICY,
    "When the budget is spent by the forecast, in seconds since 1970. No series where it lasts until its period ends.",
)
ANOMALY_SCORE = _gauge(
    "finops_anomaly_score",
    _POLICY,
    "How many standard deviations the group's most unusual recent settled day is above what its past lets expect.",
)
POLICY_STATE = _gauge(
    "finops_policy_state",
    ("policy", "kind", "owner", "group", "severity", "state"),
    "1 for the state that a verdict has, 0 for the others."
    " States are ok, firing (with a severity) and unknown; unknown is never ok.",
)
SOURCE_UP = _gauge("finops_source_up", _SOURCE, "1 if the newest collection of a source succeeded, 0 if it failed.")
SOURCE_LAST_SUCCESS = _gauge(
    "finops_source_last_success_timestamp_seconds",
    _SOURCE,
    "End of the newest collection that succeeded, in seconds since 1970.",
)
SOURCE_COMPLETE_THROUGH = _gauge(
    "finops_source_complete_through_timestamp_seconds",
    _SOURCE,
    "How far the usage of a source has arrived, in seconds since 1970.",
)
SOURCE_INTERVAL = _gauge(
    "finops_source_interval_seconds", _SOURCE, "How often a source is collected (its every:), in seconds."
)
SOURCE_ROWS = _gauge("finops_source_rows", _SOURCE, "Rows of a source in the lake.")
SOURCE_RESTATED = _gauge(
    "finops_source_restated_amount",
    (*_SOURCE, "currency"),
    "By how much (new minus old) the newest delivery of a source changed periods that it had delivered before,"
    " in units of the label currency.",
)
SOURCE_REQUESTS = _counter(
    "finops_source_requests_total", ("source",), "Requests that a source sent to its provider so far."
)
SOURCE_REQUEST_COST = _counter(
    "finops_source_request_cost_usd_total",
    ("source",),
    "What the provider charges for those requests, in US dollars so far.",
)
SOURCE_THROTTLED = _counter(
    "finops_source_throttled_total", ("source",), "Requests that the provider answered with a wish to slow down."
)
SOURCE_DURATION = _gauge(
    "finops_source_collect_duration_seconds", ("source",), "How long the newest collection took, in seconds."
)
EVALUATION_TIMESTAMP = _gauge(
    "finops_evaluation_timestamp_seconds", (), "Moment that the verdicts on this page speak of, in seconds since 1970."
)
EVALUATION_DURATION = _gauge(
    "finops_evaluation_duration_seconds", (), "How long the newest evaluation took, in seconds."
)
EVALUATION_INTERVAL = _gauge(
    "finops_evaluation_interval_seconds", (), "How often policies are evaluated at least (evaluate_every:), in seconds."
)
LEADER = _gauge("finops_leader", (), "1 if this process collects, evaluates and delivers, 0 if it only serves.")
OUTBOX_PENDING = _gauge("finops_alert_outbox_pending", ("receiver",), "Messages that wait to be delivered.")
DELIVERIES = _counter(
    "finops_alert_deliveries_total", ("receiver", "outcome"), "Attempts to deliver a message, by how they ended."
)
EXPORTER_SERIES = _gauge("finops_exporter_series", ("family",), "Series of each family on this page.")
EXPORTER_FOLDED = _gauge(
    "finops_exporter_folded_series", ("family",), "Series of a cost family that were summed in __other__."
)

EVALUATED = (
    COST_DAY,
    COST_MONTH_TO_DATE,
    BUDGET_LIMIT,
    BUDGET_SPENT,
    BUDGET_SPENT_RATIO,
    BUDGET_PACE_RATIO,
    BUDGET_FORECAST,
    BUDGET_FORECAST_LOW,
    BUDGET_FORECAST_HIGH,
    BUDGET_FORECAST_RATIO,
    BUDGET_EXHAUSTS,
    ALLOCATION_RATIO,
    COMMITMENT_UTILISATION_RATIO,
    COMMITMENT_COVERAGE_RATIO,
    EMISSIONS,
    UNIT_COST,
    COST_GROWTH,
    DEMAND_GROWTH,
    ELASTICITY,
    ELASTICITY_LOW,
    ELASTICITY_HIGH,
    ANOMALY_SCORE,
    POLICY_STATE,
    EVALUATION_TIMESTAMP,
    EVALUATION_DURATION,
)
"""Families that an evaluation decides."""

OPERATIONAL = (
    SOURCE_UP,
    SOURCE_LAST_SUCCESS,
    SOURCE_COMPLETE_THROUGH,
    SOURCE_INTERVAL,
    SOURCE_ROWS,
    SOURCE_RESTATED,
    SOURCE_REQUESTS,
    SOURCE_REQUEST_COST,
    SOURCE_THROTTLED,
    SOURCE_DURATION,
    EVALUATION_INTERVAL,
    LEADER,
    OUTBOX_PENDING,
    DELIVERIES,
    EXPORTER_SERIES,
    EXPORTER_FOLDED,
)
"""Families that change between evaluations."""
