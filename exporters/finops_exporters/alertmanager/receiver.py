"""Posts alerts to ``/api/v2/alerts`` (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml).

Alertmanager tells alerts apart by their labels, and forgets one that nobody repeats. The severity is a label, since
routes choose by it; so when it changes, the alert of each other severity is ended in the same message. Ending one that
never was is harmless: Alertmanager tells nobody of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from finops.model.finding import Severity
from finops.model.notice import Notice, NoticeReason
from finops.ports.clock import Clock
from finops_exporters.alertmanager.labels import labels_of
from finops_exporters.alertmanager.options import AlertmanagerOptions
from finops_exporters.http_sender import HttpSender
from finops_exporters.wording import age_of_data, headline, minute, period, plain, safe_link, signed

_TEST_LASTS = timedelta(minutes=5)

_EXPIRY_LASTS = timedelta(days=1)
"""An alert of its own, which says that a silence or an exception ends: the alert itself is still quiet."""


class Alertmanager:
    """Kind ``alertmanager``."""

    kind: str = "alertmanager"
    most_notices: ClassVar[int | None] = 100
    Options: ClassVar[type[AlertmanagerOptions]] = AlertmanagerOptions

    def __init__(self, name: str, options: AlertmanagerOptions, *, base: Path, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._clock = clock
        self._sender = HttpSender(name, options, base=base)

    @classmethod
    def from_options(cls, name: str, options: AlertmanagerOptions, *, base: Path, clock: Clock) -> Alertmanager:
        return cls(name, options, base=base, clock=clock)

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
        resolved = notice.reason is NoticeReason.RESOLVED
        if not resolved and severity is not None:
            yield self._alert(notice, severity, ends=now + self._options.holds)
        for other in Severity:
            if resolved or other is not severity:
                yield self._alert(notice, other, ends=now)

    def _alert(self, notice: Notice, severity: Severity, *, ends: datetime) -> dict[str, Any]:
        return {
            "labels": labels_of(notice.alert_id, notice.finding, severity, self._options.labels),
            "annotations": _annotations(notice),
            "startsAt": min(notice.since, ends).isoformat(),
            "endsAt": ends.isoformat(),
            "generatorURL": safe_link(notice.link),
        }


def _annotations(notice: Notice) -> dict[str, str]:
    finding = notice.finding
    mark = "[TEST] " if notice.reason is NoticeReason.TEST else ""
    found = {
        "summary": f"{mark}{plain(finding.policy)}: {headline(finding)}",
        "description": plain(finding.reason),
        "about": plain(finding.description),
        "period": period(finding.period),
        "final_through": age_of_data(finding.complete_through, finding.as_of),
        "as_of": minute(finding.as_of),
        "note": plain(notice.note),
        "drivers": "; ".join(
            f"{plain(driver.by)} {plain(driver.value) or '(none)'} {signed(driver.change, finding.currency)}"
            for driver in finding.drivers[:3]
        ),
    }
    return {name: text for name, text in found.items() if text}
