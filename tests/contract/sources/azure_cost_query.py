"""``azure-cost-query`` against an Azure Resource Manager of ours, whose shapes name their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from finops.collect.azure.query import AzureCostQuery, AzureCostQueryOptions
from finops.ports.lake import Known
from finops.ports.source import EVERYTHING, Discovery, Source, Window
from tests.contract.sources.place import ACCOUNT, FEBRUARY, NAME, Case, Line
from tests.servers.faulty import Answer, Asked, Cut, Fault, FaultyServer
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.arm import SCOPE, Arm, Charge

KIND = "azure-cost-query"

_NO_PARTS = "an answer announces no parts, rows or digests; its pages are followed by their own links"
GAPS = {
    Case.CORRECTED: "the query tells costs by the day of their usage and does not set corrections apart",
    Case.VANISHED: "a month that is asked for is always answered, if only with no rows",
    Case.PART_MISSING: _NO_PARTS,
    Case.HALF_WRITTEN: _NO_PARTS,
    Case.WRONG_DIGEST: _NO_PARTS,
    Case.WRONG_ROW_COUNT: _NO_PARTS,
}


class _Backfilling(AzureCostQuery):
    """Always asks as ``finops collect --from 2026-02-01`` does."""

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        del window
        return super().discover(known, Window(first=FEBRUARY))


@dataclass
class QueryPlace:
    arm: Arm
    faulty: FaultyServer
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/integration/main_job/test_kill_collect.py::test_every_round_leaves_a_whole_state"
    secrets: tuple[str, ...] = ("Bearer",)

    def source(self) -> Source:
        return self._source(SCOPE)

    def elsewhere(self) -> Source:
        return self._source("/subscriptions/elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        others = [charge for charge in self.arm.charges[SCOPE] if charge.day.replace(day=1) != month]
        own = [Charge(line.day, str(line.cost), str(line.cost), _values(line)) for line in lines]
        self.arm.charges[SCOPE] = others + own

    def withdraw(self, month: date) -> None:
        raise NotImplementedError

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        del month
        with self.faulty.failing(_fault(case)):
            yield

    def _source(self, scope: str) -> Source:
        options = AzureCostQueryOptions(
            scope=scope,
            group_by=["ServiceName", "BillingAccountId"],
            endpoint=self.faulty.endpoint,
            sign_in={"method": "managed-identity"},  # type: ignore[arg-type]
        )
        clock = MovableClock(datetime(2026, 5, 2, 6, tzinfo=UTC))
        return _Backfilling(NAME, options, base=Path(), clock=clock, wait=lambda _seconds: None)


def _values(line: Line) -> Mapping[str, str]:
    return {"ServiceName": line.service, "ChargeType": "Usage", "BillingAccountId": ACCOUNT}


def _fault(case: Case) -> Fault:
    """Errors: learn.microsoft.com/rest/api/cost-management/query/usage, "ErrorResponse"."""

    def error(status: int, code: str) -> Answer:
        body = f'{{"error": {{"code": "{code}", "message": "No."}}}}'.encode()
        return Answer(status, body, {"Content-Type": "application/json"})

    answers: dict[Case, Answer | Cut] = {
        Case.THROTTLED: error(429, "429"),
        Case.EXPIRED: error(401, "ExpiredAuthenticationToken"),
        Case.DENIED: error(403, "RBACAccessDenied"),
        Case.TRUNCATED: Answer(200, b'{"properties": {"columns": [', {"Content-Type": "application/json"}),
        Case.CUT: Cut(),
    }

    def fault(asked: Asked) -> Answer | Cut | None:
        return answers[case] if asked.method == "POST" else None

    return fault


def by_service(request: pytest.FixtureRequest, folder: Path) -> QueryPlace:
    del folder
    server = request.getfixturevalue("httpserver")
    monkeypatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setenv("IDENTITY_ENDPOINT", server.url_for("/identity"))
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    arm = Arm(server, charges={SCOPE: []})
    faulty = FaultyServer(arm.address)
    request.addfinalizer(faulty.stop)
    return QueryPlace(arm, faulty)


PLACES = {"by_service": by_service}
