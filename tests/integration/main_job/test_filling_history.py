"""A new policy has a history from its first day on, evaluated afterwards on the real sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from finops.app.clock import FixedClock
from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.model.snapshot import Snapshot
from finops.model.verdict_day import verdict_days
from finops.publish.snapshot import build_snapshot
from finops.service.history_backfill import DAYS
from finops.service.wiring import history_filling

NOW = datetime(2024, 10, 1, 6, tzinfo=UTC)


@pytest.fixture
def container(folder: Path) -> Iterator[Container]:
    opened = open_container(folder / "finops.yaml", FixedClock(NOW))
    collect_all(opened.collectors)
    yield opened
    opened.close()


def evaluated(container: Container) -> Snapshot:
    """One evaluation as the service makes it: with today's verdict in the history."""
    result = container.evaluator.evaluate(NOW)
    container.state.verdict_days.record(verdict_days(result.evaluation.findings, result.settings.timezone))
    return build_snapshot(
        result.evaluation,
        result.settings,
        evaluated_seconds=0.0,
        max_series=10,
        profiles=container.profiles,
        policies=result.policies,
    )


def test_the_days_before_the_first_evaluation_are_judged_once_and_replace_nothing(container: Container) -> None:
    snapshot = evaluated(container)
    filling = history_filling(container, lambda: False)
    assert filling.is_wanted(snapshot)

    assert filling.fill(snapshot) == DAYS

    assert not filling.is_wanted(snapshot)
    (finding,) = snapshot.findings
    days = container.state.verdict_days.of(finding.anchor, since=date(2024, 1, 1))
    assert [day.day for day in days] == [date(2024, 9, number) for number in range(1, 31)] + [date(2024, 10, 1)]
    assert [day.then for day in days] == [False] * DAYS + [True]
    assert days[-1].reason == finding.reason
    assert history_filling(container, lambda: False).fill(snapshot) == 0, "another process finds it filled"


def test_a_stop_ends_it_and_the_next_start_fills(container: Container) -> None:
    snapshot = evaluated(container)
    stopped = history_filling(container, lambda: True)
    assert stopped.fill(snapshot) == 0
    assert stopped.is_wanted(snapshot)
    assert history_filling(container, lambda: False).fill(snapshot) == DAYS
