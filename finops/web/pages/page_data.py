"""The state as pages ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from finops.app.alerts import respond
from finops.app.container import Container
from finops.app.policies.test_results import PolicyTests
from finops.app.reporting.months import billed_months
from finops.errors import UnknownAlert
from finops.model.alert import AlertChange, AlertRecord
from finops.model.delivery import Delivery
from finops.model.operations import Operations
from finops.model.silence import Silence
from finops.model.verdict_day import VerdictDay
from finops.ports.lake import Change
from finops.ports.pages import BilledMonth, TestOutcome
from finops.web.published import Published

_HISTORY = timedelta(days=90)
_DELIVERIES = 100
_RESTATEMENTS = 200
"""Replacements of periods that are looked through for those that changed what was known."""


class Facts:
    """``finops.ports.pages.PageFacts`` over the parts of the service, for one request."""

    def __init__(self, parts: Container, current: Published, tests: PolicyTests) -> None:
        self._parts = parts
        self._current = current
        self._tests = tests

    def now(self) -> datetime:
        return self._parts.clock.now()

    def operations(self) -> Operations:
        return self._current.operations

    def day_before(self) -> Mapping[str, VerdictDay]:
        snapshot = self._current.snapshot
        if snapshot is None:
            return {}
        today = snapshot.as_of.astimezone(ZoneInfo(snapshot.timezone)).date()
        return self._parts.state.verdict_days.on(today - timedelta(days=1))

    def days(self, place: str) -> Sequence[VerdictDay]:
        today = self.now().astimezone(self._parts.config.timezone).date()
        return self._parts.state.verdict_days.of(place, since=today - _HISTORY)

    def alerts(self, *, everything: bool) -> Sequence[AlertRecord]:
        return respond.alerts(self._parts.state, everything=everything)

    def known_alerts(self) -> Sequence[AlertRecord]:
        return self._parts.state.alerts.known()

    def alert(self, alert_id: str) -> AlertRecord | None:
        try:
            return self._parts.state.alerts.alert(alert_id)
        except UnknownAlert:
            return None

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        return self._parts.state.alerts.history(alert_id)

    def deliveries(self, alert_id: str) -> Sequence[Delivery]:
        return self._parts.state.deliveries.page(limit=_DELIVERIES, alert_id=alert_id).deliveries

    def silences(self) -> Sequence[Silence]:
        return respond.silences(self._parts.state, clock=self._parts.clock)

    def restatements(self) -> Sequence[Change]:
        return self._parts.lake.history(limit=_RESTATEMENTS)

    def months(self) -> Sequence[BilledMonth]:
        return billed_months(self._parts)

    def tests(self, policy: str) -> Sequence[TestOutcome]:
        return self._tests.of(policy)
