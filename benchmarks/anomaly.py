"""Anomalies: how many spikes are found, how often a quiet day is called one, by thresholds of the score.

    python -m benchmarks.anomaly [--groups 60] [--days 10] [--seed 20261124]

For each scenario: groups with 60 to 400 days of history; each of the next days is judged as it is, and with a spike of
four times the day's noise on top. Only days behind the first three of a new level count. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.anomaly_scenarios import SCENARIOS, Scenario
from finops.evaluate.forecasting.expectation import CALIBRATED, expectations
from finops.evaluate.kinds.anomaly.incidents import LOOKED_AT_DAYS

Floats = NDArray[np.float64]
THRESHOLDS = (2.5, CALIBRATED, 3.0, 4.0)


def scores(random: np.random.Generator, scenario: Scenario, groups: int, days: int) -> tuple[Floats, Floats]:
    """Scores of quiet days, and of the same days with a spike."""
    asked, amount, lifts = [], [], []
    for _ in range(groups):
        history = int(random.integers(60, 401))
        first = date(2025, 1, 1) + timedelta(days=int(random.integers(0, 365)))
        amounts, lift = scenario.make(random, first, history + days)
        for at in range(history, history + days):
            if not np.isnan(amounts[at]):
                start = max(0, at - LOOKED_AT_DAYS)
                asked.append((first + timedelta(days=start), amounts[start:at]))
                amount.append(amounts[at])
                lifts.append(lift[at])
    seen = expectations(asked)
    expected, deviation = np.array([(one.expected, one.deviation) for one in seen]).T
    return (np.array(amount) - expected) / deviation, (np.array(amount) + np.array(lifts) - expected) / deviation


def table(found: Mapping[str, tuple[Floats, Floats]]) -> Iterator[str]:
    titles = " | ".join(f"found at {one} | false in 1,000" for one in THRESHOLDS)
    yield f"| scenario | group-days | {titles} |"
    yield "|---" * (2 * len(THRESHOLDS) + 2) + "|"
    rows = []
    for name, (quiet, spiked) in found.items():
        row = [value for one in THRESHOLDS for value in (100 * np.mean(spiked > one), 1000 * np.mean(quiet > one))]
        rows.append(row)
        yield f"| {name} | {len(quiet)} | {_cells(row)} |"
    yield f"| **mean** | | {_cells(np.mean(rows, axis=0).tolist())} |"


def _cells(row: list[float]) -> str:
    return " | ".join(f"{value:.0f} %" if at % 2 == 0 else f"{value:.1f}" for at, value in enumerate(row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args()
    found = {
        name: scores(np.random.default_rng([asked.seed, *name.encode()]), scenario, asked.groups, asked.days)
        for name, scenario in SCENARIOS.items()
    }
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
