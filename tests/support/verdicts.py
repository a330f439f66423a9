"""Findings and evaluations for tests of alerts, receivers and the state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from finops.alert import Deliverer, DeliveryReport
from finops.errors import FinopsError
from finops.model.costs import NO_COSTS
from finops.model.data_version import DataVersion
from finops.model.evaluation import Evaluation
from finops.model.finding import Driver, Finding, Severity, State
from finops.model.money import Money
from finops.model.notice import Notice, NoticeReason
from finops.model.period import Period
from finops.model.unit import Unit

T0 = datetime(2026, 3, 20, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


class MovableClock:
    """A clock that a test sets."""

    def __init__(self, moment: datetime = T0) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


def verdict(
    state: State = State.FIRING,
    severity: Severity | None = Severity.WARNING,
    *,
    policy: str = "checkout-monthly",
    group: Mapping[str, str] | None = None,
    as_of: datetime = T0,
    **changes: Any,
) -> Finding:
    values: dict[str, Any] = {
        "policy": policy,
        "kind": "Budget",
        "owner": "team-checkout",
        "group": group or {},
        "state": state,
        "severity": severity if state is State.FIRING else None,
        "reason": "pace 129 % > 110 %" if state is State.FIRING else "no data" if state is State.UNKNOWN else "",
        "measure": "pace",
        "value": 1.29,
        "limit": 1.1,
        "unit": Unit.SHARE,
        "amount": {"spent": Money(Decimal("9500.00"), "EUR"), "limit": Money(Decimal("12000.00"), "EUR")},
        "currency": "EUR",
        "period": Period(date(2026, 3, 1), date(2026, 4, 1)),
        "as_of": as_of,
        "complete_through": date(2026, 3, 17),
        "data_version": DataVersion(costs=42, scopes=3, costs_daily=40, demand=7),
        "policy_digest": "sha256:" + "0" * 64,
        "drivers": (Driver("ServiceName", "Amazon RDS", Decimal("1200.00")),),
        "measures": {"pace": 1.29, "spent": 0.79},
    }
    return Finding(**{**values, **changes})


def evaluation(findings: Iterable[Finding], *, as_of: datetime | None = None) -> Evaluation:
    found = tuple(findings)
    moment = as_of or (found[0].as_of if found else T0)
    return Evaluation(moment, DataVersion(costs=42, scopes=3, costs_daily=40, demand=7), found, (), NO_COSTS)


def notice(reason: NoticeReason = NoticeReason.FIRST, finding: Finding | None = None, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "alert_id": "a1b2c3d4e5f60718",
        "reason": reason,
        "finding": finding or verdict(),
        "since": T0 - HOUR,
        "at": T0,
        "link": "https://finops.example.com/policies/checkout-monthly",
    }
    return Notice(**{**values, **changes})


def link(finding: Finding) -> str:
    return f"https://finops.example.com/policies/{finding.policy}"


def deliver_due(deliverer: Deliverer) -> DeliveryReport:
    """A round for each receiver that something is due to, side by side, as the service runs them."""
    try:
        due = deliverer.due_receivers()
    except FinopsError as error:
        return DeliveryReport(store_errors=(error,))
    with ThreadPoolExecutor(max(1, len(due))) as pool:
        reports = list(pool.map(deliverer.deliver, due))
    return DeliveryReport(
        tuple(attempt for report in reports for attempt in report.attempts),
        tuple(error for report in reports for error in report.store_errors),
    )
