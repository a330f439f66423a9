"""A backtest sees on each day what was known then, and says where the lake does not remember."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from finops.app.clock import FixedClock
from finops.app.collection.all import collect_all
from finops.app.container import open_container
from finops.app.evaluation.backtest import Backtest, backtest, days_between
from finops.errors import BadArguments, NotFound
from finops.model.finding import State
from finops.model.period import Period

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources: {bills: {kind: focus-files, path: ./bills}}
"""

POLICY = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: march, owner: o}
spec:
  period: month
  amount: 100 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Freshness
metadata: {name: fresh, owner: o}
spec:
  alerts: [{when: age > 48h, severity: warning}]
"""

HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
    "ChargeCategory\n"
)


def bill(folder: Path, cost: int, last: int) -> None:
    lines = [
        f"{cost},{cost},EUR,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,"
        f"2026-03-{day:02}T00:00:00Z,2026-03-{day + 1:02}T00:00:00Z,Usage\n"
        for day in range(1, last + 1)
    ]
    (folder / "bills" / "march.csv").write_text(HEADER + "".join(lines), encoding="utf-8")


def at(day: int) -> FixedClock:
    return FixedClock(datetime(2026, 3, day, 12, tzinfo=UTC))


def collect(folder: Path, day: int) -> None:
    container = open_container(folder / "finops.yaml", at(day))
    try:
        assert not collect_all(container.collectors, ["bills"]).exit_status
    finally:
        container.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """On the 6th a bill of 30 a day came, on the 9th one of 5 a day, restated."""
    for name in ("bills", "policies"):
        (tmp_path / name).mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "policies" / "march.yaml").write_text(POLICY, encoding="utf-8")
    bill(tmp_path, 30, 5)
    collect(tmp_path, 6)
    bill(tmp_path, 5, 8)
    collect(tmp_path, 9)
    return tmp_path


@pytest.fixture
def tested(project: Path) -> Backtest:
    return judged(project, processes=1)


def judged(project: Path, *, processes: int) -> Backtest:
    container = open_container(project / "finops.yaml", at(12))
    try:
        policies, period = container.policies.load(), Period(date(2026, 3, 4), date(2026, 3, 13))
        shared = replace(container.backtest_processes(period.days, len(policies)), count=processes)
        return backtest(container.evaluator, policies, period, now=container.clock.now(), processes=shared)
    finally:
        container.close()


def states(tested: Backtest, policy: str) -> list[str]:
    (one,) = (group for group in tested.groups if group.policy.name == policy)
    return [f"{verdict.day.day} {verdict.state.value}{'' if verdict.then else ' (final)'}" for verdict in one.days]


def test_each_day_is_judged_on_what_was_known_then(tested: Backtest) -> None:
    assert tested.then == tuple(date(2026, 3, day) for day in range(6, 13))
    assert states(tested, "march") == [
        "4 ok (final)",
        "5 ok (final)",
        "6 firing",
        "7 firing",
        "8 firing",
        "9 ok",
        "10 ok",
        "11 ok",
        "12 ok",
    ]


def test_an_alert_that_a_restatement_ended_is_an_alert(tested: Backtest) -> None:
    (march,) = (group for group in tested.groups if group.policy.name == "march")
    (episode,) = march.episodes
    assert (episode.first.day, episode.resolved and episode.resolved.day, episode.firing) == (6, 9, 3)


def test_the_age_of_data_is_remembered_with_it(tested: Backtest) -> None:
    found = states(tested, "fresh")
    assert found[:2] == ["4 unknown (final)", "5 unknown (final)"]
    assert {State(one.split()[1]) for one in found[2:]} == {State.OK, State.FIRING}


def test_several_processes_say_what_one_says(project: Path, tested: Backtest) -> None:
    assert judged(project, processes=2) == tested


def test_a_lake_that_lost_a_file_is_named_and_the_error_can_cross_processes(project: Path) -> None:
    [*_, newest] = sorted((project / "lake" / "costs_daily").rglob("*.parquet"), key=lambda path: path.stat().st_mtime)
    newest.unlink()
    with pytest.raises(NotFound, match="/lake: it does not exist, or was removed by vacuum") as told:
        judged(project, processes=1)
    arrived = pickle.loads(pickle.dumps(told.value))
    assert (type(arrived), str(arrived)) == (NotFound, str(told.value))


def test_days_that_are_not_over_or_in_no_order_are_refused() -> None:
    today = date(2026, 3, 12)
    assert days_between(date(2026, 3, 1), None, today=today) == Period(date(2026, 3, 1), date(2026, 3, 13))
    for first, end in ((date(2026, 3, 2), date(2026, 3, 2)), (date(2026, 3, 1), date(2026, 3, 14))):
        with pytest.raises(BadArguments, match="--to"):
            days_between(first, end, today=today)
