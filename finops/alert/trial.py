"""A message that tests a receiver: marked, with figures that nobody takes for their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from finops.model.alert import alert_id
from finops.model.data_version import DataVersion
from finops.model.finding import Driver, Finding, Severity, State
from finops.model.money import Money
from finops.model.notice import Notice, NoticeReason
from finops.model.period import period_of
from finops.model.unit import Unit


def trial_notice(now: datetime, *, link: str = "") -> Notice:
    """What ``finops notify test`` sends: the form of a real notice, reason ``test``."""
    today = now.date()
    finding = Finding(
        policy="finops-test",
        kind="Budget",
        owner="nobody",
        group={},
        state=State.FIRING,
        severity=Severity.INFO,
        reason="this is a test: no budget is exceeded",
        measure="spent",
        value=0.81,
        limit=0.8,
        unit=Unit.SHARE,
        amount={"spent": Money(Decimal("81.00"), "EUR"), "limit": Money(Decimal("100.00"), "EUR")},
        currency="EUR",
        period=period_of("month", today),
        as_of=now,
        complete_through=today - timedelta(days=3),
        data_version=DataVersion(),
        policy_digest="",
        description="Test message from finops.",
        drivers=(Driver("ServiceName", "Example service", Decimal("12.00")),),
    )
    return Notice(alert_id(finding.policy, finding.group), NoticeReason.TEST, finding, now, now, link)
