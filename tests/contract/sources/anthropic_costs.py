"""``anthropic-costs`` against an interface of ours, whose shapes are those of Anthropic's reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import stamina

from finops.collect.vendors import AnthropicCosts, AnthropicCostsOptions
from finops.model.secret import Secret
from finops.ports.source import Source
from tests.contract.sources.place import NAME, Case, Line
from tests.contract.sources.vendor_answers import GAPS, fault_of
from tests.servers.faulty import FaultyServer
from tests.support.bills import StoppedClock
from tests.unit.collect.vendors.anthropic_api import KEY, AnthropicApi, cost

KIND = "anthropic-costs"


@dataclass
class AnthropicPlace:
    api: AnthropicApi
    faulty: FaultyServer
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/integration/main_job/test_kill_collect.py::test_every_round_leaves_a_whole_state"
    secrets: tuple[str, ...] = ("very-secret",)

    def source(self) -> Source:
        return self._source("")

    def elsewhere(self) -> Source:
        return self._source("/elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        for day in [day for day in self.api.costs if day.replace(day=1) == month]:
            del self.api.costs[day]
        for line in lines:
            self.api.costs.setdefault(line.day, []).append(cost(str(line.cost * 100), None, description=line.service))

    def withdraw(self, month: date) -> None:
        raise NotImplementedError

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        del month
        with self.faulty.failing(fault_of(case, "/organizations/cost_report")), stamina.set_testing(True, attempts=2):
            yield

    def _source(self, path: str) -> Source:
        options = AnthropicCostsOptions(
            api_key=Secret(env="ANTHROPIC_ADMIN_KEY"), endpoint=f"{self.faulty.endpoint}{path}", months=4
        )
        clock = StoppedClock(datetime(2026, 5, 2, 6, tzinfo=UTC))
        return AnthropicCosts.from_options(NAME, options, base=Path(), clock=clock)


def by_description(request: pytest.FixtureRequest, folder: Path) -> AnthropicPlace:
    del folder
    request.getfixturevalue("monkeypatch").setenv("ANTHROPIC_ADMIN_KEY", KEY)
    server = request.getfixturevalue("httpserver")
    faulty = FaultyServer(server.url_for(""))
    request.addfinalizer(faulty.stop)
    return AnthropicPlace(AnthropicApi(server, analytics_status=200), faulty)


PLACES = {"by_description": by_description}
