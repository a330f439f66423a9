"""A bill to learn with: a small shop's, three whole months and more, to the end of yesterday; lately it costs more."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

from finops.model.period import month_start

PATH = "bills/example.csv"
_MONTHS = 4
_RISEN_DAYS = 20
_DAY = timedelta(days=1)
_COLUMNS = (
    *("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory"),
    *("ServiceProviderName", "ServiceName", "SubAccountId", "Tags", "BillingCurrency", "BilledCost", "EffectiveCost"),
)
_SERVICES = (
    ("Amazon Relational Database Service", "111111111111", '{"team":"checkout"}', Decimal(150), Decimal(300)),
    ("Amazon Elastic Compute Cloud", "111111111111", '{"team":"checkout"}', Decimal(200), Decimal(200)),
    ("Amazon Simple Storage Service", "222222222222", "{}", Decimal(50), Decimal(50)),
)
"""Service, account, tags, cost of a day before the rise and since."""


def example_bill(today: date) -> bytes:
    """FOCUS rows in EUR, a row a service and day, the last one of yesterday."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    day = month_start(today, -_MONTHS)
    while day < today:
        month, after = month_start(day), month_start(day, 1)
        for service, account, tags, before, since in _SERVICES:
            cost = since if day >= today - _RISEN_DAYS * _DAY else before
            spans = [f"{moment}T00:00:00Z" for moment in (month, after, day, day + _DAY)]
            rows.writerow([*spans, "Usage", "AWS", service, account, tags, "EUR", cost, cost])
        day += _DAY
    return text.getvalue().encode()
