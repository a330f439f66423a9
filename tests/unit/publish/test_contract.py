"""Names and labels that dashboards and rules of others depend on: they are promised, and may only be added to."""

from __future__ import annotations

import pytest

from finops.publish.catalogue import OPERATIONAL
from tests.support.profiles import EVALUATED

POLICY = {"policy", "owner", "group"}
SOURCE = {"source", "kind"}
PROMISED = {
    "finops_cost_day_amount": {"provider", "account", "service", "cost", "currency"},
    "finops_cost_month_to_date_amount": {"provider", "account", "service", "cost", "currency"},
    "finops_budget_limit_amount": {*POLICY, "currency"},
    "finops_budget_spent_amount": {*POLICY, "currency"},
    "finops_budget_forecast_amount": {*POLICY, "currency"},
    "finops_budget_forecast_amount_low": {*POLICY, "currency"},
    "finops_budget_forecast_amount_high": {*POLICY, "currency"},
    "finops_budget_spent_ratio": POLICY,
    "finops_budget_pace_ratio": POLICY,
    "finops_budget_forecast_ratio": POLICY,
    "finops_budget_exhausts_timestamp_seconds": POLICY,
    "finops_unit_cost_amount": {*POLICY, "demand", "currency"},
    "finops_cost_growth_ratio": {*POLICY, "demand"},
    "finops_demand_growth_ratio": {*POLICY, "demand"},
    "finops_cost_elasticity_ratio": {*POLICY, "demand"},
    "finops_cost_elasticity_ratio_low": {*POLICY, "demand"},
    "finops_cost_elasticity_ratio_high": {*POLICY, "demand"},
    "finops_return_ratio": {*POLICY, "demand"},
    "finops_return_ratio_low": {*POLICY, "demand"},
    "finops_return_ratio_high": {*POLICY, "demand"},
    "finops_marginal_return_ratio": {*POLICY, "demand"},
    "finops_policy_state": {*POLICY, "kind", "severity", "state"},
    "finops_allocation_ratio": POLICY,
    "finops_commitment_utilisation_ratio": POLICY,
    "finops_commitment_coverage_ratio": POLICY,
    "finops_emissions_grams": POLICY,
    "finops_anomaly_score": POLICY,
    "finops_source_up": SOURCE,
    "finops_source_last_success_timestamp_seconds": SOURCE,
    "finops_source_complete_through_timestamp_seconds": SOURCE,
    "finops_source_rows": SOURCE,
    "finops_source_restated_amount": {*SOURCE, "currency"},
    "finops_source_requests_total": {"source"},
    "finops_source_request_cost_usd_total": {"source"},
    "finops_source_throttled_total": {"source"},
    "finops_source_collect_duration_seconds": {"source"},
    "finops_evaluation_timestamp_seconds": set(),
    "finops_evaluation_duration_seconds": set(),
    "finops_leader": set(),
    "finops_alert_outbox_pending": {"receiver"},
    "finops_alert_deliveries_total": {"receiver", "outcome"},
    "finops_exporter_series": {"family"},
    "finops_exporter_folded_series": {"family"},
}


@pytest.mark.parametrize(("name", "labels"), PROMISED.items(), ids=PROMISED)
def test_a_promised_family_is_there_with_its_labels(name: str, labels: set[str]) -> None:
    families = {family.name: family for family in (*EVALUATED, *OPERATIONAL)}
    assert set(families[name].labels) == labels
    assert (families[name].type == "counter") == name.endswith("_total")
