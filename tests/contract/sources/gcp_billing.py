"""``gcp-billing`` against a server of ours that speaks BigQuery's REST API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from finops.collect.gcp import GcpBilling, GcpBillingOptions
from finops.ports.source import Source
from tests.contract.sources.place import ACCOUNT, NAME, Case, Line
from tests.servers.faulty import Answer, Asked, Cut, Fault, FaultyServer
from tests.support.bills import StoppedClock
from tests.unit.collect.gcp.bigquery_api import TABLE, BigQueryApi, charge

KIND = "gcp-billing"

_NO_PARTS = "a query announces a number of rows, and neither parts nor digests"
GAPS = {
    Case.VANISHED: "a month without rows is offered without rows",
    Case.PART_MISSING: _NO_PARTS,
    Case.WRONG_DIGEST: _NO_PARTS,
    Case.HALF_WRITTEN: "rows appended between two queries: tests/unit/collect/gcp/test_gcp_billing.py",
    Case.WRONG_ROW_COUNT: "rows appended between two queries: tests/unit/collect/gcp/test_gcp_billing.py",
}


@dataclass
class BigQueryPlace:
    api: BigQueryApi
    faulty: FaultyServer
    gaps: Mapping[Case, str] = field(default_factory=lambda: GAPS)
    killed: str = "tests/integration/main_job/test_kill_collect.py::test_every_round_leaves_a_whole_state"
    secrets: tuple[str, ...] = ("very-secret",)
    exported: datetime = datetime(2026, 5, 2, tzinfo=UTC)

    def source(self) -> Source:
        return self._source(TABLE)

    def elsewhere(self) -> Source:
        return self._source("billing-host.focus.elsewhere")

    def bill(self, month: date, *lines: Line) -> None:
        self.exported += timedelta(minutes=1)
        others = [row for row in self.api.rows if row["BillingPeriodStart"].date() != month]
        own = [
            charge(
                line.day,
                str(line.cost),
                month=month,
                BillingAccountId=ACCOUNT,
                ServiceName=line.service,
                ChargeClass="Correction" if line.correction else None,
                x_ExportTime=self.exported,
            )
            for line in lines
        ]
        self.api.rows = others + own

    def withdraw(self, month: date) -> None:
        raise NotImplementedError

    @contextmanager
    def fault(self, case: Case, month: date) -> Iterator[None]:
        del month
        with self.faulty.failing(_fault(case)):
            yield

    def _source(self, table: str) -> Source:
        options = GcpBillingOptions(table=table, endpoint=self.faulty.endpoint, months=6, timeout_seconds=0.5)
        return GcpBilling.from_options(NAME, options, clock=StoppedClock(datetime(2026, 5, 2, 6, tzinfo=UTC)))


def _fault(case: Case) -> Fault:
    """Errors: https://cloud.google.com/bigquery/docs/error-messages."""

    def error(status: int, reason: str) -> Answer:
        body = f'{{"error": {{"code": {status}, "message": "No.", "errors": [{{"reason": "{reason}"}}]}}}}'.encode()
        return Answer(status, body, {"Content-Type": "application/json"})

    answers: dict[Case, Answer | Cut] = {
        Case.THROTTLED: error(429, "rateLimitExceeded"),
        Case.EXPIRED: error(401, "authError"),
        Case.DENIED: error(403, "accessDenied"),
        Case.TRUNCATED: Answer(200, b'{"jobComplete": true, "rows": [', {"Content-Type": "application/json"}),
        Case.CUT: Cut(),
    }

    def fault(asked: Asked) -> Answer | Cut | None:
        return answers[case] if "/bigquery/" in asked.path else None

    return fault


def by_row(request: pytest.FixtureRequest, folder: Path) -> BigQueryPlace:
    del folder
    server = request.getfixturevalue("httpserver")
    faulty = FaultyServer(server.url_for(""))
    request.addfinalizer(faulty.stop)
    return BigQueryPlace(BigQueryApi(server), faulty)


PLACES = {"by_row": by_row}
