"""A collection that finds nothing new finishes what a killed one began: no reader lacks rows that are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finops.app.clock import SystemClock
from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.errors import Unreachable
from finops.lake.write.rollup import Rollup
from finops.model.collection import CollectionOutcome
from tests.support.sample import sample_project


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    opened = open_container(sample_project(tmp_path), SystemClock())
    yield opened
    opened.close()


def crash(*_: object, **__: object) -> None:
    raise Unreachable("the power is off", where="the lake", remedy="Wait")


def seen(container: Container) -> int:
    return int(container.lake.at(container.lake.version()).costs_daily().collect()["rows"].sum())


def test_nothing_new_still_finishes_the_rollup(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Rollup, "catch_up", crash)
        assert collect_all(container.collectors).exit_status != 0
        assert seen(container) == 0
        # the rows are known by now, and readers do not see them: that is no "unchanged"
        (failed,) = collect_all(container.collectors).sources
        assert (failed.run.outcome, failed.exit_status != 0) == (CollectionOutcome.FAILED, True)
        assert "the power is off" in failed.run.error
        (tried,) = collect_all(container.collectors, dry_run=True).sources  # writes nothing, so it repairs nothing
        assert tried.exit_status == 0
    (again,) = collect_all(container.collectors).sources
    assert again.run.outcome is CollectionOutcome.UNCHANGED
    assert seen(container) == 1000
