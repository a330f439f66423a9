"""Do the bills come, is everything judged, does everything leave?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from finops_exporters.grafana.expressions import by_replica, risen, service
from tools.dashboards.frame import choice, frame
from tools.dashboards.panels import MONEY, SECONDS, Query, figure, lines, rows

_OF = "source, kind"


def collection() -> dashboard.Dashboard:
    return (
        frame(
            "finops-collection",
            "finops: health of the collection",
            "Do the bills come, is everything judged, does everything leave?",
            [choice("source", "Source", 'label_values(finops_source_up{job=~"$job"}, source)')],
        )
        .with_panel(
            figure(
                "Leaders",
                "One process collects, evaluates and delivers. None or two is wrong.",
                Query(f"sum by (job) ({by_replica('finops_leader')})", "{{job}}"),
                unit="short",
                width=4,
                bad_from=2,
                good_from=1,
            )
        )
        .with_panel(
            figure(
                "Age of the verdicts",
                "Time since the newest evaluation.",
                Query(f"time() - {service('finops_evaluation_timestamp_seconds', 'job')}", "{{job}}"),
                unit=SECONDS,
                width=5,
                bad_from=3 * 3600,
            )
        )
        .with_panel(
            figure(
                "An evaluation takes",
                "The newest one.",
                Query(service("finops_evaluation_duration_seconds", "job"), "{{job}}"),
                unit=SECONDS,
                width=5,
            )
        )
        .with_panel(
            figure(
                "Messages that wait",
                "Not taken by their receiver yet.",
                Query(service("finops_alert_outbox_pending", "receiver"), "{{receiver}}"),
                unit="short",
                width=5,
                bad_from=1,
            )
        )
        .with_panel(
            figure(
                "Series folded",
                "Summed in __other__, because a family of costs has too many series.",
                Query(f"sum({service('finops_exporter_folded_series', 'family')})", "series"),
                unit="short",
                width=5,
            )
        )
        .with_panel(
            rows(
                "Sources",
                "Up: the newest collection succeeded. Ages count from now.",
                [
                    Query(_source("finops_source_up"), "up"),
                    Query(
                        f"time() - {_source('finops_source_last_success_timestamp_seconds')}", "last success", SECONDS
                    ),
                    Query(
                        f"time() - {_source('finops_source_complete_through_timestamp_seconds')}", "bills end", SECONDS
                    ),
                    Query(_source("finops_source_interval_seconds"), "every", SECONDS),
                    Query(_source("finops_source_rows"), "rows", "short"),
                    Query(_source("finops_source_collect_duration_seconds", "source"), "takes", SECONDS),
                    Query(_source("finops_source_requests_total", "source"), "requests", "short"),
                    Query(_source("finops_source_request_cost_usd_total", "source"), "requests cost", "currencyUSD"),
                ],
                width=24,
                links={"source": "${url}/sources"},
            )
        )
        .with_panel(
            lines(
                "Age of the bills",
                "Time since the newest charge period ended.",
                [
                    Query(
                        f"time() - {_source('finops_source_complete_through_timestamp_seconds', 'source')}",
                        "{{source}}",
                    )
                ],
                unit=SECONDS,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Restated by the latest delivery",
                "By how much it changed periods that were delivered before.",
                [Query(_source("finops_source_restated_amount", "source, currency"), "{{source}} ({{currency}})")],
                unit=MONEY,
                width=12,
            )
        )
        .with_panel(
            lines(
                "Requests in a day",
                "To the providers, and how many of them were told to slow down.",
                [
                    Query(risen("finops_source_requests_total", "source"), "{{source}}"),
                    Query(risen("finops_source_throttled_total", "source"), "{{source}} throttled"),
                ],
                unit="short",
                width=12,
            )
        )
        .with_panel(
            lines(
                "Requests cost in a day",
                "What the providers charge for them.",
                [Query(risen("finops_source_request_cost_usd_total", "source"), "{{source}}")],
                unit="currencyUSD",
                width=12,
            )
        )
        .with_panel(
            lines(
                "Deliveries in a day",
                "Attempts by how they ended; parked messages are not tried again.",
                [Query(risen("finops_alert_deliveries_total", "receiver, outcome"), "{{receiver}} {{outcome}}")],
                unit="short",
                width=12,
            )
        )
        .with_panel(
            lines(
                "Series on the metrics page",
                "By family.",
                [Query(service("finops_exporter_series", "family"), "{{family}}")],
                unit="short",
                width=12,
            )
        )
    )


def _source(metric: str, by: str = _OF) -> str:
    return service(metric, by, 'source=~"$source"')
