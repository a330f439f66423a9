"""Does cost grow faster than what it serves?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from finops_exporters.grafana.expressions import verdict
from finops_exporters.grafana.frame import POLICY_PAGES, frame, policies
from finops_exporters.grafana.panels import MONEY, RATIO, Query, bars, lines, rows

_ROW = "policy, group, demand"
_NAME = "{{policy}} {{group}}"


def growth(service_url: str) -> dashboard.Dashboard:
    return (
        frame(
            "finops-growth",
            "finops: unit cost and growth",
            "Does cost grow faster than what it serves?",
            service_url,
            [policies("UnitCost|Growth|Anomaly|Commitment|Carbon")],
        )
        .with_panel(
            rows(
                "Growth of cost against growth of demand",
                "Elasticity: trend of cost as a multiple of the trend of demand, with its 90 % interval. 1 is in step.",
                [
                    Query(verdict("finops_cost_growth_ratio", _ROW), "cost", RATIO),
                    Query(verdict("finops_demand_growth_ratio", _ROW), "demand", RATIO),
                    Query(_excess(), "not explained by demand", RATIO),
                    Query(verdict("finops_cost_elasticity_ratio", _ROW), "elasticity"),
                    Query(verdict("finops_cost_elasticity_ratio_low", _ROW), "at least"),
                    Query(verdict("finops_cost_elasticity_ratio_high", _ROW), "at most"),
                ],
                width=24,
                links=POLICY_PAGES,
            )
        )
        .with_panel(
            lines(
                "Cost and demand",
                "Each against the window before.",
                [
                    Query(verdict("finops_cost_growth_ratio", _ROW), f"{_NAME} cost"),
                    Query(verdict("finops_demand_growth_ratio", _ROW), f"{_NAME} {{{{demand}}}}"),
                ],
                unit=RATIO,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Elasticity",
                "A policy fires when the lower end is above its line.",
                [
                    Query(verdict("finops_cost_elasticity_ratio", _ROW), _NAME),
                    Query(verdict("finops_cost_elasticity_ratio_low", _ROW), f"{_NAME} at least"),
                    Query(verdict("finops_cost_elasticity_ratio_high", _ROW), f"{_NAME} at most"),
                ],
                unit="short",
                width=12,
            )
        )
        .with_panel(
            bars(
                "Unit cost",
                "Cost of as many units of demand as the policy's per says.",
                Query(_unit_cost(), f"{_NAME}: {{{{demand}}}} ({{{{currency}}}})"),
                unit=MONEY,
                width=10,
            )
        )
        .with_panel(
            lines(
                "Unit cost over time",
                "Over the policy's window of settled days.",
                [Query(_unit_cost(), f"{_NAME}: {{{{demand}}}} ({{{{currency}}}})")],
                unit=MONEY,
                width=14,
            )
        )
        .with_panel(
            bars(
                "Unusual days: the ten most unusual groups",
                "Standard deviations above what the past lets expect.",
                Query(f"topk(10, {verdict('finops_anomaly_score')})", _NAME),
                unit="short",
                width=10,
            )
        )
        .with_panel(
            lines(
                "Commitments",
                "Utilisation: used share of what was bought. Coverage: share of what could be covered.",
                [
                    Query(verdict("finops_commitment_utilisation_ratio"), f"{_NAME} utilisation"),
                    Query(verdict("finops_commitment_coverage_ratio"), f"{_NAME} coverage"),
                ],
                unit=RATIO,
                width=7,
            )
        )
        .with_panel(
            lines(
                "Emissions",
                "CO2 equivalent of the newest whole period that is known.",
                [Query(verdict("finops_emissions_grams"), _NAME)],
                unit="massg",
                width=7,
            )
        )
    )


def _unit_cost() -> str:
    return verdict("finops_unit_cost_amount", f"{_ROW}, currency")


def _excess() -> str:
    return f"{verdict('finops_cost_growth_ratio', _ROW)} - {verdict('finops_demand_growth_ratio', _ROW)}"
