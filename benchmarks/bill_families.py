"""Bills that move as bills do: charges by the calendar, jobs now and then, pools that run dry; made up with a seed.

``daily_shapes`` holds shapes of usage. Here are the families on which a verdict goes wrong in practice. Levels, weekday
profiles, noise and dates vary from draw to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from benchmarks.daily_shapes import Floats, Random, correlated, noise
from finops.model.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Family:
    """``make(random, first, count)``: amounts of ``count`` days from ``first``. ``irregular``: cost does not come by
    the day."""

    make: Callable[[Random, date, int], Floats]
    irregular: bool = False


def _dates(first: date, count: int) -> list[date]:
    return [first + timedelta(days=at) for at in range(count)]


def _usage(random: Random, first: date, count: int, *, size: tuple[float, float] = (0.03, 0.12)) -> Floats:
    """An ordinary service: its own level, weekday profile and noise."""
    level = float(np.exp(random.uniform(np.log(50), np.log(3000))))
    weekend = random.choice([1.0, random.uniform(0.4, 0.9)])
    profile = np.array([*random.uniform(0.95, 1.05, 5), weekend, weekend])
    shape = profile[(np.arange(count) + first.weekday()) % 7]
    return np.asarray(level * shape * noise(random, count, random.uniform(*size)))


def _on_day(first: date, count: int, number: int) -> Floats:
    """1 on that day of each month (31: on the last), 0 elsewhere."""
    ends = [(day + timedelta(days=1)).month != day.month for day in _dates(first, count)]
    return np.array(
        [
            float(day.day == number or (end and day.day < number))
            for day, end in zip(_dates(first, count), ends, strict=True)
        ]
    )


def quiet(random: Random, first: date, count: int) -> Floats:
    return _usage(random, first, count)


def growing(random: Random, first: date, count: int) -> Floats:
    return _usage(random, first, count) * np.exp(random.uniform(0.01, 0.06) / 30 * np.arange(count))


def stepped(random: Random, first: date, count: int) -> Floats:
    at = int(random.uniform(0.2, 0.75) * count)
    return _usage(random, first, count) * np.where(np.arange(count) < at, 1, random.uniform(0.5, 2.5))


def _fee(random: Random, first: date, count: int, number: int) -> Floats:
    usage = _usage(random, first, count)
    return usage + float(usage.mean() * random.uniform(1.5, 20)) * _on_day(first, count, number)


def fee_on_the_first(random: Random, first: date, count: int) -> Floats:
    return _fee(random, first, count, 1)


def fee_in_mid_month(random: Random, first: date, count: int) -> Floats:
    return _fee(random, first, count, int(random.integers(8, 24)))


def fee_on_the_last(random: Random, first: date, count: int) -> Floats:
    return _fee(random, first, count, 31)


def credit_in_mid_month(random: Random, first: date, count: int) -> Floats:
    usage = _usage(random, first, count)
    return usage - float(usage.mean() * random.uniform(5, 25)) * _on_day(first, count, int(random.integers(10, 20)))


def fortnightly(random: Random, first: date, count: int) -> Floats:
    usage = _usage(random, first, count)
    on = (np.arange(count) + random.integers(14)) % 14 == 0
    return usage + usage.mean() * random.uniform(2, 10) * on * noise(random, count, 0.05)


def varying_invoice(random: Random, first: date, count: int) -> Floats:
    usage = _usage(random, first, count)
    bill = usage.mean() * random.uniform(5, 15) * noise(random, count, 0.15)
    return usage + bill * _on_day(first, count, int(random.integers(3, 27)))


def month_end(random: Random, first: date, count: int) -> Floats:
    ends = np.array([(day + timedelta(days=3)).month != day.month for day in _dates(first, count)])
    return _usage(random, first, count) * np.where(ends, random.uniform(1.4, 2.2), 1.0)


def weekly_batch(random: Random, _first: date, count: int) -> Floats:
    on = (np.arange(count) + random.integers(7)) % 7 == 0
    level = float(random.uniform(50, 1000))
    return level * np.where(on, random.uniform(5, 20), 1.0) * noise(random, count, 0.1)


def weekend_only(random: Random, first: date, count: int) -> Floats:
    on = (np.arange(count) + first.weekday()) % 7 >= 5
    return float(random.uniform(100, 2000)) * on * noise(random, count, random.uniform(0.05, 0.2))


def sporadic(random: Random, _first: date, count: int) -> Floats:
    on = random.random(count) < random.uniform(0.05, 0.35)
    return float(random.uniform(100, 1000)) * on * noise(random, count, random.uniform(0.2, 0.6))


def autoscaling(random: Random, first: date, count: int) -> Floats:
    """Demand that wanders, served in steps of machines."""
    demand = np.exp(random.uniform(0.15, 0.35) * correlated(random, count, random.uniform(0.7, 0.9)))
    weekend = random.uniform(0.5, 0.9)
    shape = np.where((np.arange(count) + first.weekday()) % 7 >= 5, weekend, 1.0)
    return float(random.uniform(20, 200)) * np.ceil(random.uniform(3, 12) * demand * shape)


def heavy_tailed(random: Random, first: date, count: int) -> Floats:
    return _usage(random, first, count, size=(0.02, 0.05)) * np.exp(0.06 * random.standard_t(3, count))


def bursts(random: Random, first: date, count: int) -> Floats:
    on = random.random(count) < random.uniform(0.02, 0.06)
    return _usage(random, first, count) * (1 + on * random.uniform(0.5, 4, count))


def free_tier(random: Random, first: date, count: int) -> Floats:
    """Each month's first units cost nothing."""
    return _behind_a_pool(random, first, count, random.uniform(5, 12), 0.0)


def pool_of_credits(random: Random, first: date, count: int) -> Floats:
    """A monthly pool pays most of the bill until it is used up."""
    return _behind_a_pool(random, first, count, random.uniform(8, 18), random.uniform(0.1, 0.3))


def _behind_a_pool(random: Random, first: date, count: int, days: float, share: float) -> Floats:
    usage = _usage(random, first, count, size=(0.03, 0.1))
    pool, left = days * float(usage.mean()), 0.0
    start = max(0, 1 - int(first.day))
    cost = np.empty(count)
    for at, day in enumerate(_dates(first, count)):
        if day.day == 1 or at == start:
            left = pool
        paid = min(left, float(usage[at]))
        left -= paid
        cost[at] = usage[at] - (1 - share) * paid
    return cost


def holidays(random: Random, first: date, count: int) -> Floats:
    """Quiet from Christmas to New Year, each year."""
    off = np.array([(day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2) for day in _dates(first, count)])
    return _usage(random, first, count) * np.where(off, random.uniform(0.3, 0.6), 1.0)


HOLIDAYS = Calendar("DE", "BY")


def _on_holidays(random: Random, first: date, count: int, like_sundays: float) -> Floats:
    """Weekends are quieter; public holidays are so to a share of 1 (as quiet) or 0 (a day like any other)."""
    days = np.arange(count)
    weekend = (days + first.weekday()) % 7 >= 5
    off = HOLIDAYS.around(first)
    rest = np.array([first + timedelta(days=at) in off for at in range(count)])
    least = random.uniform(0.3, 0.8)
    shape = np.where(weekend, least, np.where(rest, 1 - like_sundays * (1 - least), 1.0))
    return float(np.exp(random.uniform(4, 8))) * shape * noise(random, count, random.uniform(0.03, 0.12))


def rests(random: Random, first: date, count: int) -> Floats:
    return _on_holidays(random, first, count, 1.0)


def rests_a_little(random: Random, first: date, count: int) -> Floats:
    return _on_holidays(random, first, count, random.uniform(0.4, 0.7))


def works(random: Random, first: date, count: int) -> Floats:
    return _on_holidays(random, first, count, 0.0)


HOLIDAY_FAMILIES: Mapping[str, Family] = {
    "quiet on public holidays, as on Sundays": Family(rests),
    "half as quiet": Family(rests_a_little),
    "busy on public holidays": Family(works),
    "no weekdays": Family(autoscaling),
}
"""Judged with the calendar of ``HOLIDAYS`` and without."""

FAMILIES: Mapping[str, Family] = {
    "quiet": Family(quiet),
    "growing": Family(growing),
    "a step": Family(stepped),
    "fee on the 1st": Family(fee_on_the_first),
    "fee in mid-month": Family(fee_in_mid_month),
    "fee on the last day": Family(fee_on_the_last),
    "credit in mid-month": Family(credit_in_mid_month),
    "every two weeks": Family(fortnightly),
    "an invoice that varies": Family(varying_invoice),
    "month end": Family(month_end),
    "weekly batch": Family(weekly_batch, irregular=True),
    "weekend only": Family(weekend_only, irregular=True),
    "sporadic": Family(sporadic, irregular=True),
    "autoscaling": Family(autoscaling, irregular=True),
    "heavy tails": Family(heavy_tailed, irregular=True),
    "bursts": Family(bursts, irregular=True),
    "free tier": Family(free_tier, irregular=True),
    "pool of credits": Family(pool_of_credits, irregular=True),
    "quiet holidays": Family(holidays),
}
