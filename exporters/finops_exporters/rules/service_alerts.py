"""Alerts on the service itself: bills that do not come, evaluations that stand still, messages that do not leave."""

from __future__ import annotations

from finops.model.kind_profile import Profiles
from finops_exporters.rules.records import REPLICA, held, one
from finops_exporters.rules.rule import Alerting, Group

_SOURCE = "job, namespace, source, kind"
_LATE_SECONDS = 4 * 86_400
"""Both clouds deliver a day within 48 hours, as a rule; a weekend and a bank holiday pass below this."""

_SUCCESS = held("finops_source_last_success_timestamp_seconds")
_EVALUATED = held("finops_evaluation_timestamp_seconds")
_PARKED = 'finops_alert_deliveries_total{outcome="parked"}'
# the total is kept in the state, so that it goes on through restarts; increase() would miss what happened during one
_NEWLY_PARKED = f"{held(_PARKED)} - min without ({REPLICA}) (min_over_time({_PARKED}[6h])) > 0"

_DOWN = (
    f"time() - {_SUCCESS}\n> on ({_SOURCE}) 2 * {held('finops_source_interval_seconds')}\n"
    f"or\n({held('finops_source_up')} == 0 unless on ({_SOURCE}) {_SUCCESS})"
)
_STALE = (
    f"time() - {_EVALUATED}\n> on (job, namespace) 3 * {held('finops_evaluation_interval_seconds')}\n"
    f"or\n({held('finops_leader')} unless on (job, namespace) {_EVALUATED})\n"
    f"and on (job, namespace) {one('finops_leader offset 2h')}"  # a first collection of years may take that long
)
_REPLICA_DOWN = (
    "up == 0\nand on (job, namespace, instance) last_over_time(finops_leader[1d])\n"
    "and on (job, namespace) finops_leader"
)


def service_alerts(profiles: Profiles) -> Group:
    """``profiles``: a policy of a kind that watches sources knows better when the source that it names is late."""
    return Group(
        "finops-service",
        (
            Alerting(
                "FinopsSourceDown",
                _DOWN,
                "1h",
                "Bills of {{ $labels.source }} are not being collected",
                "The last successful collection is older than twice the source's interval, or there was none.",
                severity="warning",
            ),
            Alerting(
                "FinopsSourceLate",
                _late(profiles),
                "1h",
                "Bills of {{ $labels.source }} end {{ $value | humanizeDuration }} ago",
                "Collection may succeed while the provider delivers nothing newer. Affected verdicts become unknown.",
                severity="warning",
            ),
            Alerting(
                "FinopsEvaluationStale",
                _STALE,
                "30m",
                "Policies have not been evaluated recently",
                "The latest evaluation is older than three intervals, or there is none. Pages and metrics are stale.",
                severity="critical",
            ),
            Alerting(
                "FinopsPolicyFileFaults",
                f"{held('finops_policy_file_faults')} > 0",
                "15m",
                "{{ $value }} errors in policy files",
                "The last valid versions of these files are evaluated; of a file that never had one, nothing is.",
                severity="warning",
            ),
            Alerting(
                "FinopsLakeFaults",
                f"{held('finops_lake_faults')} > 0",
                "15m",
                "The lake has {{ $value }} faults",
                "Lost or changed files, or rows of another program, are not counted. Affected verdicts are unknown.",
                severity="critical",
            ),
            Alerting(
                "FinopsDeliveriesPending",
                f"{held('finops_alert_outbox_pending')} > 0",
                "1h",
                "Messages to {{ $labels.receiver }} are delayed",
                "Messages have been waiting for an hour without being accepted.",
                severity="warning",
            ),
            Alerting(
                "FinopsDeliveryParked",
                _NEWLY_PARKED,
                "1m",
                "{{ $labels.receiver }} rejected {{ $value }} message(s) permanently",
                "They are not retried. Somebody was not notified.",
                severity="critical",
            ),
            Alerting(
                "FinopsSeriesFolded",
                f"{held('finops_exporter_folded_series')} > 0",
                "1h",
                "{{ $value }} series of {{ $labels.family }} are summed in __other__",
                "Totals stay exact; the smallest series are no longer shown separately.",
                severity="info",
            ),
            Alerting(
                "FinopsNoLeader",
                f"{one('finops_leader')} == 0",
                "10m",
                "No replica is the leader",
                "Pages and metrics are served; nothing is collected, evaluated or delivered.",
                severity="critical",
            ),
            Alerting(
                "FinopsTwoLeaders",
                f"sum without ({REPLICA}) (finops_leader) > 1",
                "10m",
                "{{ $value }} replicas are leaders",
                "They do not share a state database: each one delivers its own alerts.",
                severity="critical",
            ),
            Alerting(
                "FinopsReplicaDown",
                _REPLICA_DOWN,
                "15m",
                "Replica {{ $labels.instance }} is down",
                "Another replica is serving.",
                severity="warning",
            ),
            Alerting(
                "FinopsDown",
                "absent(finops_leader)",
                "10m",
                "finops is not scraped",
                "All replicas are down, or Prometheus does not scrape them. There are no verdicts and no alerts.",
                severity="critical",
            ),
        ),
    )


def _late(profiles: Profiles) -> str:
    late = f"time() - {held('finops_source_complete_through_timestamp_seconds')} > {_LATE_SECONDS}"
    watching = "|".join(profile.kind for profile in profiles.in_order if profile.watches_sources)
    if not watching:
        return late
    judged = held(f'finops_policy_state{{kind=~"{watching}"}}')
    of_a_source = f'label_replace({judged}, "source", "$1", "group", "(?:.*,)?source=([^,]*)(?:,.*)?")'
    return f"{late}\nunless on (job, namespace, source) {of_a_source}"
