"""No source waits for another's provider: not in one command, not in the service, however many are slow or broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from finops.app.clock import SystemClock
from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.errors import BrokenStore, Unreachable
from finops.model.collection import CollectionOutcome, CollectionRun
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Source, Usage, Window
from finops.ports.state import CollectionLog
from finops.service.replica import Replica
from tests.support.focus_frames import bill

SLOW = [f"slow-{number}" for number in range(24)]
GONE = Unreachable("no route to host", where="provider", remedy="Check the network")
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
http: {{listen: "127.0.0.1:0"}}
sources:
{sources}
"""


@dataclass
class Provider:
    """Waits for ``may_answer`` while it is asked, then has one row of March."""

    name: str
    kind: str = "provider"
    usage: Usage = field(default_factory=Usage)
    asked: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)
    fault: Exception | None = None

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        self.asked.set()
        assert self.may_answer.wait(60)
        if self.fault:
            raise self.fault
        return Discovery((Offer(date(2026, 3, 1), "a", (Part(self.name, bill({}).lazy),)),))

    def check(self) -> Sequence[Check]:
        return []


@pytest.fixture
def slow() -> Iterator[dict[str, Provider]]:
    """Providers that answer when the test is over."""
    providers = {name: Provider(name) for name in SLOW}
    yield providers
    for provider in providers.values():
        provider.may_answer.set()


@pytest.fixture
def quick() -> Provider:
    provider = Provider("quick")
    provider.may_answer.set()
    return provider


@pytest.fixture
def container(tmp_path: Path, slow: dict[str, Provider], quick: Provider) -> Iterator[Container]:
    (tmp_path / "policies").mkdir()
    sources: dict[str, Source] = {**slow, quick.name: quick}
    lines = "\n".join(f"  {name}: {{kind: focus-files, path: ./none}}" for name in sources)
    (tmp_path / "finops.yaml").write_text(CONFIG.format(sources=lines), encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", SystemClock())
    yield replace(opened, sources=sources)
    opened.close()


def test_a_command_collects_the_quick_one_while_every_other_is_asked(
    container: Container, slow: dict[str, Provider], quick: Provider
) -> None:
    collected = threading.Event()

    def done(name: str) -> None:
        if name == quick.name:
            collected.set()

    command = threading.Thread(target=collect_all, args=(container.collectors,), kwargs={"done": done})
    command.start()
    try:
        assert collected.wait(60)
        assert all(provider.asked.wait(60) for provider in slow.values())
        assert container.lake.known(quick.name)
    finally:
        for provider in slow.values():
            provider.fault = GONE  # what they would have brought is not the question
            provider.may_answer.set()
        command.join()


def test_the_service_collects_the_quick_one_while_every_other_is_asked(
    container: Container, slow: dict[str, Provider], quick: Provider
) -> None:
    replica = Replica(container)
    replica.start()
    try:
        assert quick.asked.wait(60)
        assert all(provider.asked.wait(60) for provider in slow.values())
    finally:
        for provider in slow.values():
            provider.fault = GONE
            provider.may_answer.set()
        replica.stop(60)
    assert container.state.collections.sources()[quick.name].latest.outcome is CollectionOutcome.OK


def test_a_broken_source_is_an_outcome_and_the_others_are_collected(container: Container, quick: Provider) -> None:
    broken, second = Provider("broken", fault=ZeroDivisionError()), Provider("second")
    for provider in (broken, second):
        provider.may_answer.set()
    sources: dict[str, Source] = {"broken": broken, "quick": quick, "second": second}
    found = collect_all(replace(container, sources=sources).collectors)
    outcomes = {one.run.source: one.run.outcome for one in found.sources}
    ok = CollectionOutcome.OK
    assert outcomes == {"broken": CollectionOutcome.FAILED, "quick": ok, "second": ok}
    assert found.exit_status == 4


@dataclass(frozen=True)
class FullDisk:
    """A log that cannot take one source's run."""

    real: CollectionLog

    def record(self, run: CollectionRun) -> None:
        if run.source == "broken":
            raise BrokenStore("the disk is full", where="state", remedy="Make room")
        self.real.record(run)


def test_a_run_that_cannot_be_recorded_hides_no_other(container: Container, quick: Provider) -> None:
    broken = Provider("broken")
    broken.may_answer.set()
    state = replace(container.state, collections=cast("CollectionLog", FullDisk(container.state.collections)))
    found = collect_all(replace(container, state=state, sources={"broken": broken, "quick": quick}).collectors)
    outcomes = {one.run.source: (one.exit_status, one.run.error) for one in found.sources}
    assert outcomes["quick"] == (0, "")
    assert outcomes["broken"][0] == 4
    assert "the disk is full" in outcomes["broken"][1]
    assert found.exit_status == 4
