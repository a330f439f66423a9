"""Alerts for an Alertmanager, by its v2 API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from finops.errors import InvalidValue
from finops.model.finding import Finding, Severity
from finops.model.kind_profile import Profiles
from finops.model.notice import Notice, NoticeReason
from finops.ports.clock import Clock
from finops_exporters.changed import leading_drivers
from finops_exporters.headline import figures_in_words, headline_of
from finops_exporters.http_sender import HttpSender, SenderOptions
from finops_exporters.wording import age_of_data, minute, period, plain, safe_link

LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
"""https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels"""

RESERVED = frozenset({"alertname", "policy", "kind", "owner", "severity", "finops_alert"})


def labels_of(alert_id: str, finding: Finding, severity: Severity, more: Mapping[str, str]) -> dict[str, str]:
    """``alertname`` is ``Finops`` and the kind, so that one route takes all budgets. ``finops_alert`` keeps two groups
    apart whatever their names were made into: a dimension's name becomes a label's, its value one line."""
    group = {_label_name(name): plain(value) or "(none)" for name, value in sorted(finding.group.items())}
    return {
        **more,
        **group,
        "alertname": f"Finops{plain(finding.kind)}",
        "policy": plain(finding.policy),
        "kind": plain(finding.kind),
        "owner": plain(finding.owner),
        "severity": severity.value,
        "finops_alert": alert_id,
    }


def _label_name(name: str) -> str:
    made = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    made = made if LABEL_NAME.fullmatch(made) else f"_{made}"
    return f"group_{made}" if made in RESERVED else made


def _days(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    text = str(value)
    if not text.endswith("d") or not text[:-1].isascii() or not text[:-1].isdigit() or not 0 < int(text[:-1]) <= 366:
        raise InvalidValue(f"'{value}' is not a valid number of days", "Write it like 7d")
    return timedelta(days=int(text[:-1]))


class AlertmanagerOptions(SenderOptions):
    """``url``: the Alertmanager's own address, without ``/api/v2``."""

    holds: Annotated[timedelta, BeforeValidator(_days), WithJsonSchema({"type": "string", "examples": ["7d"]})] = Field(
        default=timedelta(days=7),
        description="Alertmanager resolves an alert not repeated within this time; longer than the route's repeat",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="Labels to add to every alert", examples=[{"cluster": "billing"}]
    )

    @field_validator("labels")
    @classmethod
    def _labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for name in labels:
            if not LABEL_NAME.fullmatch(name):
                raise InvalidValue(
                    f"'{name}' is not a valid label name", "Use letters, digits and '_', and no digit first"
                )
            if name in RESERVED:
                raise InvalidValue(f"the label '{name}' is set by finops", "Remove it")
        return labels


# Posts alerts to ``/api/v2/alerts`` (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml).
#
# Alertmanager identifies alerts by their labels, and drops those that are not repeated. The severity is a label, as
# routes match on it; so when it changes, the alerts of the other severities are ended in the same message. Ending one
# that never existed has no effect.

_TEST_LASTS = timedelta(minutes=5)

_EXPIRY_LASTS = timedelta(days=1)
"""An alert of its own, which says that a silence or an exception ends: the alert itself is still quiet."""


class Alertmanager:
    """Kind ``alertmanager``."""

    kind: str = "alertmanager"
    most_notices: ClassVar[int | None] = 100
    Options: ClassVar[type[AlertmanagerOptions]] = AlertmanagerOptions

    def __init__(
        self, name: str, options: AlertmanagerOptions, *, base: Path, clock: Clock, profiles: Profiles
    ) -> None:
        self.name = name
        self._options = options
        self._clock = clock
        self._profiles = profiles
        self._sender = HttpSender(name, options, base=base)

    @classmethod
    def from_options(
        cls, name: str, options: AlertmanagerOptions, *, base: Path, clock: Clock, profiles: Profiles
    ) -> Alertmanager:
        return cls(name, options, base=base, clock=clock, profiles=profiles)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """See ``HttpSender``. A message that is sent twice changes nothing: alerts with the same labels are one."""
        now = self._clock.now()
        alerts = [alert for notice in notices for alert in self._alerts(notice, now)]
        body = json.dumps(alerts, separators=(",", ":")).encode("ascii")
        return self._sender.post(body, idempotency_key=idempotency_key, now=now, path="/api/v2/alerts")

    def _alerts(self, notice: Notice, now: datetime) -> Iterator[dict[str, Any]]:
        severity = notice.finding.severity
        if notice.reason is NoticeReason.TEST:
            yield self._alert(notice, severity or Severity.INFO, ends=now + _TEST_LASTS)
            return
        if notice.reason is NoticeReason.EXPIRES:
            quiet_ends = self._alert(notice, Severity.INFO, ends=now + _EXPIRY_LASTS)
            yield {**quiet_ends, "labels": {**quiet_ends["labels"], "alertname": "FinopsQuietEnds"}}
            return
        resolved = notice.reason.ends
        if not resolved and severity is not None:
            yield self._alert(notice, severity, ends=now + self._options.holds)
        for other in Severity:
            if resolved or other is not severity:
                yield self._alert(notice, other, ends=now)

    def _alert(self, notice: Notice, severity: Severity, *, ends: datetime) -> dict[str, Any]:
        return {
            "labels": labels_of(notice.alert_id, notice.finding, severity, self._options.labels),
            "annotations": _annotations(notice, self._profiles),
            "startsAt": min(notice.since, ends).isoformat(),
            "endsAt": ends.isoformat(),
            "generatorURL": safe_link(notice.link),
        }


def _annotations(notice: Notice, profiles: Profiles) -> dict[str, str]:
    finding = notice.finding
    profile = profiles.of(finding.kind)
    mark = "[TEST] " if notice.reason is NoticeReason.TEST else ""
    found = {
        "summary": f"{mark}{headline_of(finding, profile)}",
        "description": plain(finding.reason),
        "figures": figures_in_words(finding, profile),
        "about": plain(finding.description),
        "period": period(finding.period),
        "final_through": age_of_data(finding.complete_through, finding.as_of),
        "as_of": minute(finding.as_of),
        "note": plain(notice.note),
        "drivers": "; ".join(plain(f"{one.known_as} ({one.what}) {one.amount}") for one in leading_drivers(finding)),
    }
    return {name: text for name, text in found.items() if text}


__all__ = ["Alertmanager", "AlertmanagerOptions"]
