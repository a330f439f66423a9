"""Every metric family: its name, its labels, and what it means. ``docs/metrics.md`` is generated from it.

Those of policy kinds are declared by the kinds (``KindProfile.metrics``).
"""

from __future__ import annotations

from finops.model.family import Family, FamilyType
from finops.model.kind_profile import Metric, Profiles

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
_FORECAST_LABELS = ("cost", "currency")
COST_FORECAST = _gauge(
    "finops_cost_forecast_amount",
    _FORECAST_LABELS,
    "Forecast of the whole month's cost by configured dimensions, no budget needed, in units of the label currency.",
)
COST_FORECAST_LOW = _gauge(
    "finops_cost_forecast_amount_low",
    _FORECAST_LABELS,
    "Lower end of the 80 % interval of finops_cost_forecast_amount, in units of the label currency.",
)
COST_FORECAST_HIGH = _gauge(
    "finops_cost_forecast_amount_high",
    _FORECAST_LABELS,
    "Upper end of the 80 % interval of finops_cost_forecast_amount, in units of the label currency.",
)
BY_DIMENSION = (COST_DAY, COST_MONTH_TO_DATE, COST_FORECAST, COST_FORECAST_LOW, COST_FORECAST_HIGH)
"""Families that have a label for each configured dimension, too."""
RADAR_BEYOND = _gauge(
    "finops_radar_beyond_demand_amount",
    ("group", "demand", "currency"),
    "What a group costs a month beyond every demand series that drives it, in units of the label currency;"
    " the 20 largest of services by owner. No policy needed.",
)
RADAR_GROUPS = _gauge(
    "finops_radar_groups",
    ("outcome",),
    "Services by owner in the radar: beyond demand, explained by a series, growing without a series, in_step."
    " A group without enough data is in none.",
)
RADAR_NOT_JUDGED = _gauge(
    "finops_radar_not_judged", (), "Groups and pairs of cost and demand that the radar could not judge, all levels."
)
RADAR_TIMESTAMP = _gauge("finops_radar_timestamp_seconds", (), "When the radar was made, in seconds since 1970.")
POLICY_STATE = _gauge(
    "finops_policy_state",
    ("policy", "kind", "owner", "group", "severity", "state"),
    "1 for the state that a verdict has, 0 for the others."
    " States are ok, firing (with a severity) and unknown; unknown is never ok.",
)
SOURCE_UP = _gauge("finops_source_up", _SOURCE, "1 if the latest collection of a source succeeded, 0 if it failed.")
SOURCE_LAST_SUCCESS = _gauge(
    "finops_source_last_success_timestamp_seconds",
    _SOURCE,
    "End of the latest successful collection, in seconds since 1970.",
)
SOURCE_COMPLETE_THROUGH = _gauge(
    "finops_source_complete_through_timestamp_seconds",
    _SOURCE,
    "End of the delivered usage of a source, in seconds since 1970.",
)
SOURCE_INTERVAL = _gauge(
    "finops_source_interval_seconds", _SOURCE, "Collection interval of a source (its every:), in seconds."
)
SOURCE_ROWS = _gauge("finops_source_rows", _SOURCE, "Rows of a source in the lake.")
SOURCE_VIOLATIONS = _gauge(
    "finops_source_rule_violations",
    _SOURCE,
    "Rows of a source in the lake that violate a rule of FOCUS, counted once for each rule.",
)
SOURCE_NULLS = _gauge("finops_source_null_values", _SOURCE, "Values that FOCUS columns of a source's rows lack.")
SOURCE_UNALLOCATED = _gauge(
    "finops_source_unallocated_ratio",
    (*_SOURCE, "dimension", "currency"),
    "Share of a source's EffectiveCost in the lake without a value in a configured dimension.",
)
SOURCE_RESTATED = _gauge(
    "finops_source_restated_amount",
    (*_SOURCE, "currency"),
    "Change (new minus old) of earlier periods by the latest delivery of a source, in units of the label currency.",
)
SOURCE_REQUESTS = _counter(
    "finops_source_requests_total", ("source",), "Requests that a source has sent to its provider."
)
SOURCE_REQUEST_COST = _counter(
    "finops_source_request_cost_usd_total",
    ("source",),
    "Cost of those requests, in US dollars.",
)
SOURCE_THROTTLED = _counter("finops_source_throttled_total", ("source",), "Requests that the provider throttled.")
SOURCE_DURATION = _gauge(
    "finops_source_collect_duration_seconds", ("source",), "Duration of the latest collection, in seconds."
)
EVALUATION_TIMESTAMP = _gauge(
    "finops_evaluation_timestamp_seconds", (), "Time that the verdicts are evaluated as of, in seconds since 1970."
)
EVALUATION_DURATION = _gauge("finops_evaluation_duration_seconds", (), "Duration of the latest evaluation, in seconds.")
EVALUATION_INTERVAL = _gauge(
    "finops_evaluation_interval_seconds", (), "Maximum interval between evaluations (evaluate_every:), in seconds."
)
LEADER = _gauge("finops_leader", (), "1 if this process collects, evaluates and delivers, 0 if it only serves.")
JOB_OVERDUE = _counter("finops_job_overdue_total", ("job",), "Runs of a job that exceeded their deadline.")
RELOAD_FAILED = _gauge(
    "finops_reload_failed",
    (),
    "1 if the latest reload of finops.yaml failed (the previous configuration stays in use), else 0.",
)
POLICY_FILE_FAULTS = _gauge(
    "finops_policy_file_faults",
    (),
    "Errors in policy files at the latest evaluation.",
)
ALERTS = _gauge(
    "finops_alerts",
    ("status",),
    "Alerts by status. withdrawn: the policy was removed while the alert fired.",
)
LAKE_FAULTS = _gauge(
    "finops_lake_faults",
    (),
    "Lost or changed files, and rows of other programs, excluded from the latest evaluation. Affected verdicts are "
    "unknown.",
)
HTTP_REFUSED = _counter(
    "finops_http_refused_total",
    ("reason",),
    "Requests and connections that this process turned away: they passed a limit, were not valid HTTP, or failed to"
    " sign in.",
)
OUTBOX_PENDING = _gauge("finops_alert_outbox_pending", ("receiver",), "Messages waiting for delivery.")
DELIVERIES = _counter(
    "finops_alert_deliveries_total", ("receiver", "outcome"), "Attempts to deliver a message, by outcome."
)
EXPORTER_SERIES = _gauge("finops_exporter_series", ("family",), "Number of series of each family.")
EXPORTER_FOLDED = _gauge(
    "finops_exporter_folded_series", ("family",), "Series of a cost family that were summed in __other__."
)

OPERATIONAL = (
    SOURCE_UP,
    SOURCE_LAST_SUCCESS,
    SOURCE_COMPLETE_THROUGH,
    SOURCE_INTERVAL,
    SOURCE_ROWS,
    SOURCE_VIOLATIONS,
    SOURCE_NULLS,
    SOURCE_UNALLOCATED,
    SOURCE_RESTATED,
    SOURCE_REQUESTS,
    SOURCE_REQUEST_COST,
    SOURCE_THROTTLED,
    SOURCE_DURATION,
    EVALUATION_INTERVAL,
    LEADER,
    JOB_OVERDUE,
    RELOAD_FAILED,
    POLICY_FILE_FAULTS,
    ALERTS,
    LAKE_FAULTS,
    HTTP_REFUSED,
    OUTBOX_PENDING,
    DELIVERIES,
    EXPORTER_SERIES,
    EXPORTER_FOLDED,
)
"""Families that change between evaluations."""


def evaluated(profiles: Profiles) -> tuple[Family, ...]:
    """Families that an evaluation decides, without series."""
    return (
        *BY_DIMENSION,
        *(family_of(metric) for profile in profiles.in_order for metric in profile.metrics),
        POLICY_STATE,
        RADAR_BEYOND,
        RADAR_GROUPS,
        RADAR_NOT_JUDGED,
        RADAR_TIMESTAMP,
        EVALUATION_TIMESTAMP,
        EVALUATION_DURATION,
    )


def family_of(metric: Metric) -> Family:
    return _gauge(metric.name, metric.labels, metric.help)
