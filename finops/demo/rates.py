"""Exchange rates in the form of the ECB's history file: base EUR, newest day first, no weekends, no holidays."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from finops.demo.timeline import Timeline
from finops.model.rates import LOOK_BACK_DAYS, Rates

USD_PER_EUR = 1.08
"""The level around which the demo's dollar moves, and at which its amounts were tuned."""

_LEVELS: Mapping[str, float] = {"USD": USD_PER_EUR, "GBP": 0.856, "CHF": 0.941, "JPY": 162.4}
_QUANTUM = Decimal("0.0001")
_HOLIDAYS = ((1, 1), (5, 1), (12, 25), (12, 26))
"""TARGET's fixed closing days (month, day)."""
_RETURN_RATIO = 0.06
_DAILY_RATIO = 0.0028


def rates(timeline: Timeline, seed: int) -> Rates:
    """A rate for every banking day, from before the first charge to yesterday; mean-reverting."""
    before = timeline.start - timedelta(days=2 * LOOK_BACK_DAYS)
    days = [before + timedelta(days=offset) for offset in range((timeline.until - before).days)]
    banking = [day for day in days if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS]
    quotes = {currency: _walk(level, banking, f"{seed}/rates/{currency}") for currency, level in _LEVELS.items()}
    return Rates("EUR", quotes)


def _walk(level: float, days: list[date], seed: str) -> dict[date, Decimal]:
    steps = Random(seed)  # noqa: S311 - invented numbers that must repeat, no secret
    deviation = 0.0
    quotes = {}
    for day in days:
        deviation += steps.gauss(0, _DAILY_RATIO) - _RETURN_RATIO * deviation
        quotes[day] = Decimal(level * (1 + deviation)).quantize(_QUANTUM)
    return quotes


def write_rates(path: Path, rates: Rates) -> None:
    currencies = list(rates.quotes)
    days = sorted(next(iter(rates.quotes.values())), reverse=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Date", *currencies])
        writer.writerows([[day.isoformat(), *(rates.quotes[c][day] for c in currencies)] for day in days])
