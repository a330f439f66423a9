"""What does it cost, who spends it, what is wrong?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from finops_exporters.grafana.expressions import day_cost, month_cost, month_forecast, service, verdict
from tools.dashboards.frame import POLICY_PAGES, choice, frame, policies
from tools.dashboards.panels import MONEY, SECONDS, Query, bars, figure, lines, rows

_LATEST = "The newest settled day of each series: provisional days do not count."


def overview() -> dashboard.Dashboard:
    return (
        frame(
            "finops-overview",
            "finops: overview",
            "What does it cost, who spends it, what is wrong?",
            [
                choice("provider", "Provider", 'label_values(finops_cost_month_to_date_amount{job=~"$job"}, provider)'),
                choice("team", "Team", 'label_values(finops_cost_month_to_date_amount{job=~"$job"}, team)'),
                policies(),
            ],
        )
        .with_variable(_cost())
        .with_panel(
            figure(
                "Month to date",
                "Since the month began, provisional days included.",
                Query(month_cost("currency"), "{{currency}}"),
                unit=MONEY,
                width=5,
            )
        )
        .with_panel(
            figure("Latest settled day", _LATEST, Query(day_cost("currency"), "{{currency}}"), unit=MONEY, width=5)
        )
        .with_panel(
            figure(
                "Verdicts that fire",
                "Policies and groups, by severity.",
                Query(f"sum by (severity) ({_firing('policy, kind, owner, group, severity')})", "{{severity}}"),
                unit="short",
                width=6,
                bad_from=1,
            )
        )
        .with_panel(
            figure(
                "Unknown",
                "Verdicts that nobody can give: data, demand, history or a rate is missing. Unknown is not ok.",
                Query(f"sum({_unknown('policy, kind, owner, group')})", "unknown"),
                unit="short",
                width=2,
                bad_from=1,
            )
        )
        .with_panel(
            figure(
                "Sources down",
                "Sources whose newest collection failed.",
                Query(f"sum(1 - {service('finops_source_up', 'source')})", "sources"),
                unit="short",
                width=3,
                bad_from=1,
            )
        )
        .with_panel(
            figure(
                "Age of the verdicts",
                "Time since the newest evaluation.",
                Query(f"time() - {service('finops_evaluation_timestamp_seconds', 'job')}", "{{job}}"),
                unit=SECONDS,
                width=3,
                bad_from=3 * 3600,
            )
        )
        .with_panel(
            rows(
                "What fires",
                "Each leads to its page.",
                [Query(f"{_firing('severity, policy, group, kind, owner')} == 1", "firing")],
                width=16,
                links=POLICY_PAGES,
            )
        )
        .with_panel(
            rows(
                "What is unknown",
                "Each leads to its page, which says what is missing.",
                [Query(f"{_unknown('policy, group, kind, owner')} == 1", "unknown")],
                width=8,
                links=POLICY_PAGES,
            )
        )
        .with_panel(
            lines(
                "A day's cost by provider",
                _LATEST,
                [Query(day_cost("provider, currency"), "{{provider}} ({{currency}})")],
                unit=MONEY,
                width=12,
                stacked=True,
            )
        )
        .with_panel(
            lines(
                "A day's cost by team",
                _LATEST,
                [Query(day_cost("team, currency"), "{{team}} ({{currency}})")],
                unit=MONEY,
                width=12,
                stacked=True,
            )
        )
        .with_panel(
            lines(
                "Forecast of the month",
                "What the month comes to by team and other dimensions, with the ends of the 80 % interval.",
                [Query(month_forecast(end), "__auto") for end in ("", "_low", "_high")],
                unit=MONEY,
                width=24,
            )
        )
        .with_panel(
            bars(
                "A month beyond demand",
                "Services by owner whose cost outgrew every demand series that drives it; the radar needs no policy.",
                Query(
                    service("finops_radar_beyond_demand_amount", "group, demand, currency"), "{{group}} ({{currency}})"
                ),
                unit=MONEY,
                width=24,
            )
        )
        .with_panel(
            figure(
                "Radar",
                "Services by owner: beyond demand, explained by a series, growing without a series, in step.",
                Query(service("finops_radar_groups", "outcome"), "{{outcome}}"),
                unit="short",
                width=12,
            )
        )
        .with_panel(
            figure(
                "Not judged by the radar",
                "Groups and pairs without enough data, over all levels. Not judged is not in step.",
                Query(service("finops_radar_not_judged", "job"), "{{job}}"),
                unit="short",
                width=6,
            )
        )
        .with_panel(
            figure(
                "Age of the radar",
                "Made every night.",
                Query(f"time() - {service('finops_radar_timestamp_seconds', 'job')}", "{{job}}"),
                unit=SECONDS,
                width=6,
                bad_from=30 * 3600,
            )
        )
        .with_panel(
            bars(
                "Month to date by team",
                "Since the month began, provisional days included.",
                Query(month_cost("team, currency"), "{{team}} ({{currency}})"),
                unit=MONEY,
                width=8,
            )
        )
        .with_panel(
            bars(
                "Month to date by service: the ten largest",
                "Since the month began, provisional days included.",
                Query(f"topk(10, {month_cost('service, currency')})", "{{service}} ({{currency}})"),
                unit=MONEY,
                width=10,
            )
        )
    )


def _firing(by: str) -> str:
    return verdict("finops_policy_state", by, 'state="firing"')


def _unknown(by: str) -> str:
    return verdict("finops_policy_state", by, 'state="unknown"')


def _cost() -> dashboard.CustomVariable:
    return (
        dashboard.CustomVariable("cost")
        .label("Cost")
        .description("effective: amortised, by the day of use; billed: as invoiced")
        .values("effective,billed")
        .current(model.VariableOption(text="effective", value="effective", selected=True))
        .options(
            [
                model.VariableOption(text="effective", value="effective", selected=True),
                model.VariableOption(text="billed", value="billed", selected=False),
            ]
        )
    )
