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
                "Bills of {{ $labels.source }} are not collected",
                "The last success is more than twice the source's interval ago, or there never was one.",
                severity="warning",
            ),
            Alerting(
                "FinopsSourceLate",
                _late(profiles),
                "1h",
                "Bills of {{ $labels.source }} end {{ $value | humanizeDuration }} ago",
                "Collecting may work; the provider delivers nothing newer. Verdicts over it turn unknown.",
                severity="warning",
            ),
            Alerting(
                "FinopsEvaluationStale",
                _STALE,
                "30m",
                "Nothing has been evaluated for too long",
                "The latest verdicts are older than three intervals, or there are none: pages and metrics are stale.",
                severity="critical",
            ),
            Alerting(
                "FinopsDeliveriesPending",
                f"{held('finops_alert_outbox_pending')} > 0",
                "1h",
                "Messages to {{ $labels.receiver }} wait",
                "For an hour there was always a message that the receiver did not take.",
                severity="warning",
            ),
            Alerting(
                "FinopsDeliveryParked",
                _NEWLY_PARKED,
                "1m",
                "{{ $labels.receiver }} refused {{ $value }} message(s) for good",
                "They are not tried again. Somebody was not told.",
                severity="critical",
            ),
            Alerting(
                "FinopsSeriesFolded",
                f"{held('finops_exporter_folded_series')} > 0",
                "1h",
                "{{ $value }} series of {{ $labels.family }} are summed in __other__",
                "Sums stay exact; the smallest series have no labels of their own any more.",
                severity="info",
            ),
            Alerting(
                "FinopsNoLeader",
                f"{one('finops_leader')} == 0",
                "10m",
                "No replica leads",
                "Pages and metrics are served; nothing is collected, evaluated or delivered.",
                severity="critical",
            ),
            Alerting(
                "FinopsTwoLeaders",
                f"sum without ({REPLICA}) (finops_leader) > 1",
                "10m",
                "{{ $value }} processes lead",
                "They do not share one state: each delivers its own alerts.",
                severity="critical",
            ),
            Alerting(
                "FinopsReplicaDown",
                _REPLICA_DOWN,
                "15m",
                "The replica {{ $labels.instance }} does not answer",
                "Another one serves.",
                severity="warning",
            ),
            Alerting(
                "FinopsDown",
                "absent(finops_leader)",
                "10m",
                "finops is not scraped",
                "No replica answers, or Prometheus does not look for it: no verdict, no alert.",
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
