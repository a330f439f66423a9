"""Will each period cost more than agreed?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from finops_exporters.grafana.expressions import verdict
from finops_exporters.grafana.frame import POLICY_PAGES, frame, policies
from finops_exporters.grafana.panels import MONEY, RATIO, Query, bars, lines, rows

_NEAR = ((0.8, "orange"), (1.0, "red"))
_ROW = "policy, group, owner"
_NAME = "{{policy}} {{group}}"


def budgets(service_url: str) -> dashboard.Dashboard:
    return (
        frame(
            "finops-budgets",
            "finops: budgets",
            "Will each period cost more than agreed?",
            service_url,
            [policies("Budget")],
        )
        .with_panel(
            rows(
                "Budgets",
                "Spent counts provisional days. A forecast is there for budgets with an alert on it.",
                [
                    Query(_amount("finops_budget_limit_amount"), "budget", MONEY),
                    Query(_amount("finops_budget_spent_amount"), "spent", MONEY),
                    Query(_amount("finops_budget_forecast_amount"), "forecast", MONEY),
                    Query(_amount("finops_budget_forecast_amount_low"), "at least", MONEY),
                    Query(_amount("finops_budget_forecast_amount_high"), "at most", MONEY),
                ],
                width=24,
                links=POLICY_PAGES,
                height=12,
            )
        )
        .with_panel(
            rows(
                "Shares of each budget",
                "100 % of spent is all of it; above 100 % of pace is faster than planned.",
                [
                    Query(verdict("finops_budget_spent_ratio", _ROW), "spent", RATIO),
                    Query(verdict("finops_budget_pace_ratio", _ROW), "pace", RATIO),
                    Query(verdict("finops_budget_forecast_ratio", _ROW), "forecast", RATIO),
                    Query(
                        f"{verdict('finops_budget_exhausts_timestamp_seconds', _ROW)} * 1000",
                        "spent by",
                        "dateTimeAsIso",
                    ),
                ],
                width=14,
                links=POLICY_PAGES,
                height=12,
            )
        )
        .with_panel(
            bars(
                "Spent of the budget",
                "All of it is 100 %.",
                Query(f"sort_desc({verdict('finops_budget_spent_ratio')})", _NAME),
                unit=RATIO,
                width=10,
                steps=_NEAR,
            ).height(12)
        )
        .with_panel(
            lines(
                "Spent and budget",
                "Choose a policy above. It starts anew with each period.",
                [
                    Query(_amount("finops_budget_spent_amount"), f"{_NAME} spent ({{{{currency}}}})"),
                    Query(_amount("finops_budget_limit_amount"), f"{_NAME} budget ({{{{currency}}}})"),
                ],
                unit=MONEY,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Forecast of the whole period",
                "What was expected on each day, with its 80 % interval.",
                [
                    Query(_amount("finops_budget_forecast_amount"), f"{_NAME} expected ({{{{currency}}}})"),
                    Query(_amount("finops_budget_forecast_amount_low"), f"{_NAME} at least ({{{{currency}}}})"),
                    Query(_amount("finops_budget_forecast_amount_high"), f"{_NAME} at most ({{{{currency}}}})"),
                ],
                unit=MONEY,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Pace",
                "Settled spend against what is due by then; above 100 % is faster than planned.",
                [Query(verdict("finops_budget_pace_ratio"), _NAME)],
                unit=RATIO,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Forecast of the budget",
                "Expected share of the whole period's budget; above 100 % it will not do.",
                [Query(verdict("finops_budget_forecast_ratio"), _NAME)],
                unit=RATIO,
                width=12,
            )
        )
    )


def _amount(metric: str) -> str:
    return verdict(metric, f"{_ROW}, currency")
