"""Alerts on verdicts. The policy file is the judge; a rule says only which of its measures is to blame.

So a threshold stands in one place, exceptions and minimums hold here too, and each verdict has one alert at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from finops.model.kind_profile import AlertRule, KindProfile, Profiles, fill
from finops_exporters.rules.records import FIRING, KEY, UNKNOWN, held
from finops_exporters.rules.rule import Alerting, Group

_FOR = "10m"
"""Longer than a scrape and a change of leader, shorter than the hour between two evaluations."""

_POLICY = "{{ $labels.policy }}{{ with $labels.group }} ({{ . }}){{ end }} of {{ $labels.owner }}"
_PAGE = "policies/{{ $labels.policy }}"
"""A policy's name has no character that an address would have to encode."""


def verdict_alerts(profiles: Profiles) -> Group:
    """The rules that each kind declares, one for the firing verdicts of all others, and one for what is unknown."""
    own = [profile for profile in profiles.in_order if profile.rules]
    rest = "|".join(profile.kind for profile in own)
    return Group(
        "finops-verdicts",
        (
            *(alert for profile in own for alert in _alerts(profile)),
            Alerting(
                "FinopsPolicyFiring",
                f'{FIRING}{{kind!~"{rest}"}}' if rest else FIRING,
                _FOR,
                f"The policy {_POLICY} fires",
                "A policy of kind {{ $labels.kind }}; the kinds that are not listed here have alerts of their own.",
                page=_PAGE,
            ),
            Alerting(
                "FinopsPolicyUnknown",
                UNKNOWN,
                "6h",
                f"The policy {_POLICY} has no verdict",
                "Data, demand, history or a rate is missing. Unknown is not ok: this spend is not monitored now.",
                severity="warning",
                page=_PAGE,
            ),
        ),
    )


def _alerts(profile: KindProfile) -> Iterator[Alerting]:
    firing, told = f'{FIRING}{{kind="{profile.kind}"}}', list[str]()
    for rule in profile.rules:
        expr = firing
        if rule.metric:
            told.append(condition := _condition(rule))
            expr = f"{firing}\n* on ({KEY}) group_left ()\n({condition})"
        earlier = told[:-1] if rule.metric else told
        yield Alerting(
            rule.alert,
            "\n".join((expr, *(f"unless on ({KEY}) ({worse})" for worse in earlier))),
            _FOR,
            fill(rule.summary, {"policy": _POLICY}.get),
            rule.description,
            page=_PAGE,
            runbook=rule.runbook,
        )


def _condition(rule: AlertRule) -> str:
    measured = held(rule.metric)
    return f"{measured} / {held(rule.over)} {rule.holds}" if rule.over else f"{measured} {rule.holds}"
