"""Verdicts on bills as they come: false alarms and incidents of Anomaly, forecasts of the month beside their peers.

    python -m benchmarks.bills anomaly  [--draws 40] [--days 10] [--seed 20261130]
    python -m benchmarks.bills forecast [--draws 40] [--peers 4] [--seed 20261130]
    python -m benchmarks.bills budget   [--draws 40] [--seed 20261130]
    python -m benchmarks.bills holidays [--draws 40] [--seed 20261130]

The families are those of ``bill_families``; every draw has its own level, weekdays, noise, dates and length of history.
Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import MSTL

from benchmarks.bill_families import FAMILIES, HOLIDAY_FAMILIES, HOLIDAYS, Family
from benchmarks.daily_shapes import Floats, Random
from benchmarks.forecast import Case, Way, case_of, ets, run_rate, seasonal_naive, theta
from finops.evaluate.forecasting import outlook
from finops.evaluate.forecasting.expectation import RANGE, expectations
from finops.evaluate.forecasting.in_a_row import IN_A_ROW
from finops.evaluate.forecasting.rows import Bools
from finops.evaluate.kinds.anomaly.incidents import LOOKED_AT_DAYS
from finops.model.calendar import NO_DAYS_OFF

DAYS = (5, 10, 15, 20, 25)
INCIDENT_DAYS = 5
INCIDENT = 2.0
"""An incident adds so many times what a day with cost usually costs."""
OVER = {"ends 9 % under": 1.09, "ends 11 % over": 0.89}


def drawn(random: Random, shortest: int) -> tuple[int, date]:
    """Days of history, and a first day."""
    return int(random.integers(shortest, 401)), date(2025, 1, 1) + timedelta(days=int(random.integers(0, 365)))


@dataclass(slots=True)
class Days:
    """Scores of days, asked for one by one and looked at together: each against the days before ``since``."""

    asked: list[tuple[date, Floats]] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)

    def ask(self, first: date, whole: Floats, at: int, since: int) -> None:
        start = max(0, at - LOOKED_AT_DAYS)
        self.asked.append((first + timedelta(days=start), np.where(np.arange(at) < since, whole[:at], np.nan)[start:]))
        self.amounts.append(float(whole[at]))

    def ask_row(self, first: date, whole: Floats, at: int) -> None:
        """The day alone, and ``IN_A_ROW`` days that end with it."""
        start = at - IN_A_ROW + 1
        self.ask(first, whole, at, at)
        for day in range(start, at + 1):
            self.ask(first, whole, day, start)

    def above(self) -> tuple[Bools, Bools]:
        """Of what ``ask_row`` asked for: days above the range, and ends of rows above the range of days in a row."""
        seen = expectations(self.asked)
        expected, deviation, row = np.array([(one.expected, one.deviation, one.row_above) for one in seen]).T
        scores = ((np.array(self.amounts) - expected) / deviation).reshape(-1, IN_A_ROW + 1)
        limits = np.minimum(row.reshape(-1, IN_A_ROW + 1)[:, 1], RANGE)
        return scores[:, 0] > RANGE, scores[:, 1:].min(axis=1) > limits


def anomaly(family: Family, random: Random, draws: int, days: int) -> tuple[float, float, float, float]:
    """The share of quiet days that begin or go on with what is unusual; of them those above the range alone; of
    incidents of five days those found on the first day, and ever."""
    quiet, broken = Days(), Days()
    before = IN_A_ROW - 1
    for _ in range(draws):
        history, first = drawn(random, 100)
        whole = family.make(random, first, history + days)
        past = np.abs(whole[:history])
        lift = np.where(np.arange(len(whole)) < history, 0.0, INCIDENT * float(np.median(past[past > 0])))
        for at in range(history - before, history + days):
            quiet.ask_row(first, whole, at)
        for at in range(history, history + INCIDENT_DAYS):
            broken.ask_row(first, whole + lift, at)
    alone, row = (of.reshape(draws, -1) for of in quiet.above())
    begun = np.array([alone[:, ago : ago + days] for ago in range(before)]).any(axis=0)  # an incident already
    false = alone[:, before:] | (row[:, before:] & ~begun)
    found = np.array(broken.above()).any(axis=0).reshape(draws, INCIDENT_DAYS)
    return (
        float(false.mean()),
        float(alone[:, before:].mean()),
        float(found[:, 0].mean()),
        float(found.any(axis=1).mean()),
    )


def anomalies(draws: int, days: int, seed: int) -> Iterator[str]:
    yield "| family | group-days | false in 1,000 | of them by a day alone | found on day 1 | in five days |"
    yield "|---|---|---|---|---|---|"
    rows: list[tuple[bool, tuple[float, float, float, float]]] = []
    for name, family in FAMILIES.items():
        row = anomaly(family, np.random.default_rng([seed, *name.encode()]), draws, days)
        rows.append((family.irregular, row))
        yield f"| {name} | {draws * days} | {_cells(row)} |"
    for name, some in (
        ("regular", [row for irregular, row in rows if not irregular]),
        ("irregular", [row for irregular, row in rows if irregular]),
        ("all", [row for _, row in rows]),
    ):
        mean = np.mean(some, axis=0).tolist()
        yield f"| **{name}** | | **{_cells(mean).replace(' | ', '** | **')}** |"


def _cells(row: Sequence[float]) -> str:
    false, alone, at_once, ever = row
    return f"{1000 * false:.1f} | {1000 * alone:.1f} | {100 * at_once:.0f} % | {100 * ever:.0f} %"


def mean_of_28(case: Case) -> float:
    return float(case.past[-28:].mean() * len(case.rest))


def share_of_last_month(case: Case) -> float:
    """What was spent so far ÷ the share that was spent by this day of the month before."""
    origin = case.first + timedelta(days=len(case.past) - 1)
    length = (origin.replace(day=1) - timedelta(days=1)).day
    before = case.past[-case.day - length : -case.day]
    by_now = float(before[: case.day].sum())
    spent = float(case.past[-case.day :].sum())
    return spent * float(before.sum()) / by_now - spent if by_now > 0 else run_rate(case)


def mstl(case: Case) -> float:
    """Weeks and months of 30 days, and exponential smoothing of what they leave."""
    found = MSTL(case.past, periods=(7, 30)).fit()
    rest = ETSModel(found.trend + found.resid, error="add", trend="add", damped_trend=True).fit(disp=False)
    count = len(case.rest)
    seasons = sum(np.resize(season[-period:], count) for season, period in zip(found.seasonal.T, (7, 30), strict=True))
    return float(np.sum(rest.forecast(count) + seasons))


def auto_ets(case: Case) -> float:
    """Of statsforecast: the form of errors, trend and weekdays is chosen by information criterion."""
    found = (
        importlib.import_module("statsforecast.models").AutoETS(season_length=7).forecast(case.past, h=len(case.rest))
    )
    return float(np.sum(found["mean"]))


def auto_theta(case: Case) -> float:
    """Of statsforecast: the best of four Theta models with weekdays."""
    found = (
        importlib.import_module("statsforecast.models").AutoTheta(season_length=7).forecast(case.past, h=len(case.rest))
    )
    return float(np.sum(found["mean"]))


def prophet(case: Case) -> float:
    frame = importlib.import_module("pandas").DataFrame
    days = [case.first + timedelta(days=at) for at in range(len(case.past) + len(case.rest))]
    model = importlib.import_module("prophet").Prophet(weekly_seasonality=True, daily_seasonality=False)
    model.add_seasonality("month", 30.4375, 5)
    model.fit(frame({"ds": days[: len(case.past)], "y": case.past}))
    return float(model.predict(frame({"ds": days[len(case.past) :]}))["yhat"].sum())


SIMPLE: Mapping[str, Way] = {
    "run rate": run_rate,
    "mean of 28 days": mean_of_28,
    "seasonal naive": seasonal_naive,
    "last month's share": share_of_last_month,
}
LIBRARY: Mapping[str, Way] = {
    "ETS": ets,
    "Theta": theta,
    "MSTL [7, 30] + ETS": mstl,
    **({"AutoETS": auto_ets, "AutoTheta": auto_theta} if importlib.util.find_spec("statsforecast") else {}),
    **({"Prophet": prophet} if importlib.util.find_spec("prophet") else {}),
}
"""Three of them only where they are installed: pip install statsforecast prophet."""


def cases_of(family: Family, random: Random, day: int, draws: int) -> Iterator[Case]:
    for _ in range(draws):
        history = int(random.integers(100, 401))
        origin = date(2025 + int(random.integers(0, 2)), int(random.integers(1, 13)), day)
        yield case_of(origin, family.make(random, origin - timedelta(days=history - 1), history + 31), history)


def size_of(case: Case) -> float:
    """What errors are shares of: the month's total, or a tenth of a usual month where hardly anything came."""
    return max(abs(case.total), float(np.abs(case.past[-90:]).sum()) / 30)


def forecasts(draws: int, peers: int, seed: int) -> Iterator[str]:
    errors: dict[str, dict[str, list[float]]] = {}
    held: dict[str, list[bool]] = {}
    seconds = 0.0
    for name, family in FAMILIES.items():
        for day in DAYS:
            for number, case in enumerate(
                cases_of(family, np.random.default_rng([seed, day, *name.encode()]), day, draws)
            ):
                begun = time.process_time()
                seen = outlook(case.first, case.past, count=len(case.rest))
                seconds += time.process_time() - begun
                truth = float(case.rest.sum())
                told: dict[str, Callable[[Case], float]] = {**SIMPLE, **(LIBRARY if number < peers else {})}
                off = {"finops": abs(seen.total - truth) / size_of(case)}
                for way, foretell in told.items():
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # peers warn where they do not converge: their number counts
                        off[way] = abs(foretell(case) - truth) / size_of(case)
                if number < peers:
                    off["finops, same cases"] = off["finops"]
                for row in (name, f"**day {day}**"):
                    held.setdefault(row, []).append(abs(seen.total - truth) <= seen.reach[-1])
                    for way, error in off.items():
                        errors.setdefault(row, {}).setdefault(way, []).append(error)
    names = ["finops", *SIMPLE, *(["finops, same cases", *LIBRARY] if peers else [])]
    yield f"| | {' | '.join(names)} | 80 % interval held |"
    yield "|---" * (len(names) + 2) + "|"
    for row in [*FAMILIES, *(f"**day {day}**" for day in DAYS)]:
        cells = [f"{100 * statistics.fmean(errors[row][way]):.2f}" if way in errors[row] else "" for way in names]
        yield f"| {row} | {' | '.join(cells)} | {100 * statistics.fmean(held[row]):.0f} % |"
    count = draws * len(DAYS) * len(FAMILIES)
    yield f"\n{1000 * seconds / count:.1f} ms of processor time a series"


def budgets(draws: int, seed: int) -> Iterator[str]:
    """How often ``forecast > 100%`` fires on day 10, where the month ends under or over its budget."""
    yield f"| family | {' | '.join(OVER)} |"
    yield "|---|---|---|"
    rows = []
    for name, family in FAMILIES.items():
        fired = []
        for case in cases_of(family, np.random.default_rng([seed, 10, *name.encode()]), 10, draws):
            seen = outlook(case.first, case.past, count=len(case.rest))
            low = case.total - float(case.rest.sum()) + seen.total - float(seen.reach[-1])
            fired.append([case.total > 0 and low > factor * case.total for factor in OVER.values()])
        rows.append(np.mean(fired, axis=0))
        yield f"| {name} | {' | '.join(f'{100 * share:.0f} %' for share in rows[-1])} |"
    yield f"| **mean** | {' | '.join(f'**{100 * share:.1f} %**' for share in np.mean(rows, axis=0))} |"


def holiday_table(draws: int, seed: int) -> Iterator[str]:
    """Histories of 400 days: the month's error on days 5 and 15, and quiet public holidays outside the expected range,
    without a calendar and with it."""
    yield "| family | error without | with | 80 % held without | with | holidays outside the range without | with |"
    yield "|---|---|---|---|---|---|---|"
    for name, family in HOLIDAY_FAMILIES.items():
        random = np.random.default_rng([seed, *name.encode()])
        errors: dict[bool, list[float]] = {False: [], True: []}
        held: dict[bool, list[bool]] = {False: [], True: []}
        asked, amounts = [], []
        off = HOLIDAYS.around(date(2025, 7, 1))
        for _ in range(draws):
            for month in range(1, 13):
                origin = date(2025, month, int(random.choice((5, 15))))
                case = case_of(origin, family.make(random, origin - timedelta(days=399), 431), 400)
                for known in (False, True):
                    seen = outlook(case.first, case.past, count=len(case.rest), off=off if known else NO_DAYS_OFF)
                    missed = abs(seen.total - float(case.rest.sum()))
                    errors[known].append(missed / size_of(case))
                    held[known].append(missed <= seen.reach[-1])
            day = random.choice([day for day in sorted(off) if day.year == 2025])
            whole = family.make(random, day - timedelta(days=LOOKED_AT_DAYS), LOOKED_AT_DAYS + 1)
            asked.append((day - timedelta(days=LOOKED_AT_DAYS), whole[:-1]))
            amounts.append(whole[-1])
        outside = []
        for days_off in (NO_DAYS_OFF, off):
            seen_days = expectations(asked, days_off)
            beyond = [
                not one.expected - RANGE * one.below <= amount <= one.expected + RANGE * one.deviation
                for one, amount in zip(seen_days, amounts, strict=True)
            ]
            outside.append(float(np.mean(beyond)))
        cells = [f"{100 * np.mean(errors[known]):.2f}" for known in (False, True)]
        cells += [f"{100 * np.mean(held[known]):.0f} %" for known in (False, True)]
        cells += [f"{100 * share:.0f} %" for share in outside]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=("anomaly", "forecast", "budget", "holidays"))
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--peers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=20261130)
    asked = parser.parse_args()
    logging.disable(logging.INFO)  # Prophet tells of every fit
    tables = {
        "anomaly": lambda: anomalies(asked.draws, asked.days, asked.seed),
        "forecast": lambda: forecasts(asked.draws, asked.peers, asked.seed),
        "budget": lambda: budgets(asked.draws, asked.seed),
        "holidays": lambda: holiday_table(asked.draws, asked.seed),
    }
    for line in tables[asked.table]():
        print(line, flush=True)


if __name__ == "__main__":
    main()
