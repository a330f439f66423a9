"""What an evaluation does again and again for each of ten thousand groups, counted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from finops.model.finding import Finding
from finops.state.alert_rows import record_from_row
from tests.integration.web.api.world import judged


def test_each_finding_is_written_once_and_each_alert_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, read = Counter[str](), Counter[str]()
    to_json = Finding.to_json

    def write(finding: Finding) -> dict[str, Any]:
        written[finding.id] += 1
        return to_json(finding)

    def from_row_once(row: Any) -> Any:
        record = record_from_row(row)
        read[record.id] += 1
        return record

    with judged(tmp_path) as world:
        live = {record.id for record in world.container.state.alerts.alerts(live=True)}
        assert live
        monkeypatch.setattr(Finding, "to_json", write)
        monkeypatch.setattr("finops.state.alerts.record_from_row", from_row_once)
        world.clock.advance(timedelta(minutes=1))
        snapshot = world.verdicts.evaluate()
    assert snapshot is not None, world.verdicts.error
    assert written == Counter({finding.id for finding in snapshot.findings}), "archive, alerts, notices, snapshot"
    assert set(read) == live
    assert set(read.values()) == {1}
