"""``kill -9`` while a file of an AWS export is being read: the lake stays as it was, and the next run heals."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.app.clock import SystemClock
from finops.app.collection.all import collect_all
from finops.app.container import open_container
from tests.contract.sources.focus_rows import focus_frame
from tests.contract.sources.place import Line
from tests.servers.faulty import Asked, FaultyServer
from tests.servers.moto import S3Server
from tests.support.service_process import Program
from tests.unit.collect.aws.exports import Export

MARCH = date(2026, 3, 1)
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  aws: {{kind: aws-data-export, bucket: {bucket}, prefix: focus, export: export, endpoint: "{endpoint}"}}
"""


def deliver(export: Export, *costs: str) -> None:
    frames = [focus_frame(MARCH, [Line(MARCH, Decimal(cost))]) for cost in costs]
    export.manifest(MARCH, export.files(MARCH, frames))


def collected(folder: Path) -> Decimal:
    """Collects, if anything is new, and says what the lake holds."""
    container = open_container(folder / "finops.yaml", SystemClock())
    try:
        assert collect_all(container.collectors).exit_status == 0
        return held(folder)
    finally:
        container.close()


def held(folder: Path) -> Decimal:
    container = open_container(folder / "finops.yaml", SystemClock())
    try:
        assert container.lake.reconcile() == []
        costs = container.lake.at(container.lake.version()).costs().select("BilledCost").collect()
        return Decimal(costs.to_series().sum())
    finally:
        container.close()


@pytest.mark.timeout(120)
def test_killed_in_mid_file(s3_bucket: str, moto_server: S3Server, faulty_s3: FaultyServer, tmp_path: Path) -> None:
    export = Export(moto_server.client(), s3_bucket, faulty_s3.endpoint)
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG.format(bucket=s3_bucket, endpoint=faulty_s3.endpoint))
    deliver(export, "1.10", "2.20")
    assert collected(tmp_path) == Decimal("3.30")
    deliver(export, "1.10", "2.50", "4.00")

    reached, killed = threading.Event(), threading.Event()
    times_asked = 0

    def hang_in_the_last_file(asked: Asked) -> None:
        nonlocal times_asked
        if "export-00003" in asked.path:
            times_asked += 1
            if times_asked > 1:  # the first only looks whether it is there
                reached.set()
                killed.wait(60)

    with faulty_s3.failing(hang_in_the_last_file):
        process = Program("collect", folder=tmp_path, log=tmp_path / "log")
        assert reached.wait(60)
        process.kill()
        killed.set()
    assert held(tmp_path) == Decimal("3.30")
    assert collected(tmp_path) == Decimal("7.60")
