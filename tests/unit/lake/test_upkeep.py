"""History, status, reconciliation, compaction, vacuum and time travel."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from finops.errors import BadArguments, NotFound
from finops.lake import DeltaLake
from finops.model.data_version import DataVersion
from tests.support.bills import (
    APRIL,
    MARCH,
    START,
    StoppedClock,
    delivery,
    lake,
    line,
    parquet_files,
    rows,
    run,
    totals,
)

AUDIT = timedelta(days=400)


def restated(own: DeltaLake, clock: StoppedClock, times: int = 3, every: timedelta = timedelta(days=30)) -> None:
    for number in range(1, times + 1):
        clock.moment += every
        own.replace(delivery(rows(line(str(number)), line("100", period=APRIL)), f"d{number}"), run(f"run-{number}"))


def fragmented(own: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A period in many small files."""
    with monkeypatch.context() as patched:
        patched.setattr("finops.lake.tables.staging.ROWS_PER_FILE", 2)
        own.replace(delivery(rows(*(line("1", day=1 + n) for n in range(12)))), run())


def test_history_is_newest_first(tmp_path: Path) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    restated(own, clock, 2)
    changes = own.history()
    assert [(change.run_id, change.billing_period, change.costs_version) for change in changes] == [
        ("run-2", MARCH, 1),
        ("run-2", APRIL, 1),
        ("run-1", MARCH, 0),
        ("run-1", APRIL, 0),
    ]
    assert changes[0].at == START + timedelta(days=60)
    assert changes[0].restated["EUR"]["BilledCost"] == 1
    assert own.history(limit=1) == changes[:1]


def test_history_reaches_over_more_commits_than_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finops.lake.read.history._AT_ONCE", 2)
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    restated(own, clock, 5)
    assert len(own.history()) == 10
    assert [change.run_id for change in own.history(limit=5)] == ["run-5", "run-5", "run-4", "run-4", "run-3"]


def test_status_counts_what_is_there(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("2", day=2), line("3", period=APRIL))), run())
    costs, scopes, daily = own.status()
    assert (costs.name, costs.version, costs.rows, costs.files) == ("costs", 0, 3, 2)
    assert costs.size_bytes == sum(
        (tmp_path / "lake" / name).stat().st_size for name in parquet_files(tmp_path / "lake") if "costs/" in name
    )
    assert (scopes.rows, daily.rows) == (1, 3)
    assert costs.oldest_version_at == START


def test_reconcile_names_what_differs(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("2", period=APRIL))), run())
    assert own.reconcile() == []
    table = DeltaTable(str(tmp_path / "lake" / "costs_daily"))
    table.update({"BilledCost": "BilledCost + 1"}, predicate="billing_period = '2026-04-01'")
    (mismatch,) = own.reconcile()
    assert (mismatch.source, mismatch.billing_period) == ("aws", APRIL)
    assert mismatch.what == ("costs_daily: BilledCost is 3.000000000000000 EUR, its commit says 2.000000000000000 EUR")


def test_compaction_changes_files_and_not_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    fragmented(own, monkeypatch)
    own.replace(delivery(rows(line("5", period=APRIL, Tags='{"team":"b"}'))), run())
    before = own.version()
    assert own.status()[0].files == 7

    said = own.compact()

    assert said == [
        "costs: 6 files became 1",
        "scopes: 2 files became 1",
        "costs_daily: nothing to do",
        "demand: no such table yet",
        "emissions: no such table yet",
        "commitments: no such table yet",
        "invoices: no such table yet",
    ]
    after = own.version()
    assert after.costs == (before.costs or 0) + 1
    assert after.costs_daily == (before.costs_daily or 0) + 1
    assert totals(own.at(after)) == totals(own.at(before)) == (Decimal(17), Decimal(17))
    assert own.status()[0].files == 2
    assert own.heal() == []
    assert own.reconcile() == []
    assert own.known("aws")[MARCH].digest == "a"
    assert own.compact()[:3] == ["costs: nothing to do", "scopes: nothing to do", "costs_daily: nothing to do"]
    assert own.version() == after


def test_compaction_does_not_hide_what_is_not_rolled_up_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.lake.test_rollup import replace_and_crash

    own = lake(tmp_path)
    fragmented(own, monkeypatch)
    replace_and_crash(own, delivery(rows(line("5", period=APRIL))), monkeypatch)
    own.compact()
    assert totals(own.at(own.version())) == (Decimal(12), Decimal(12))
    own.heal()
    assert totals(own.at(own.version())) == (Decimal(17), Decimal(17))


def test_after_compaction_writing_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    fragmented(own, monkeypatch)
    own.compact()
    (done,) = own.replace(delivery(rows(line("1")), "b"), run()).replacements
    assert done.restated["EUR"]["BilledCost"] == -11
    assert totals(own.at(own.version())) == (Decimal(1), Decimal(1))


def test_old_numbers_stay_what_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    fragmented(own, monkeypatch)
    old = own.version()
    before = own.at(old).costs_daily().sort("day").collect()

    restated(own, clock)
    own.compact()
    clock.moment += timedelta(days=200)
    own.vacuum(keep=AUDIT)

    assert own.at(old).costs_daily().sort("day").collect().equals(before)
    assert totals(own.at(old)) == (Decimal(12), Decimal(12))
    assert totals(own.at(own.version())) == (Decimal(103), Decimal(103))


def test_vacuum_keeps_the_audit_time(tmp_path: Path) -> None:
    own = lake(tmp_path)
    with pytest.raises(BadArguments, match="399 days"):
        own.vacuum(keep=timedelta(days=399))


def test_vacuum_removes_what_is_too_old_and_nothing_else(tmp_path: Path) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    versions = []
    for number in range(3):
        restated(own, clock, 1, timedelta(days=300))
        own.replace(delivery(rows(line(str(10 + number))), f"n{number}"), run())
        versions.append(own.version())
    # now day 900 of the test: version 0 of day 300 was replaced on day 300, version 1 on day 600
    clock.moment += timedelta(days=50)
    said = own.vacuum(keep=AUDIT)

    assert said[0].startswith("costs: 1 file of versions before 1 and 0 orphans removed")
    for version in versions:
        before, after = totals(own.at(version))
        assert before == after
    with pytest.raises(NotFound, match="removed by vacuum"):
        own.at(DataVersion(costs=0)).costs().collect()
    assert own.status()[0].oldest_version_at == START + timedelta(days=300)
    assert own.reconcile() == []
    assert own.vacuum(keep=AUDIT)[0].startswith("costs: 0 files of versions before 1 and 0 orphans")


def test_vacuum_keeps_what_a_late_rollup_was_made_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.lake.test_rollup import replace_and_crash

    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    own.replace(delivery(rows(line("1"))), run())
    old = own.version()
    replace_and_crash(own, delivery(rows(line("2")), "b"), monkeypatch)
    clock.moment += timedelta(days=100)
    own.heal()
    clock.moment += timedelta(days=350)
    # version 0 of costs was replaced 450 days ago, but readers saw it until 350 days ago
    own.vacuum(keep=AUDIT)
    assert totals(own.at(old)) == (Decimal(1), Decimal(1))


def test_vacuum_removes_orphans_and_spares_a_running_writer(tmp_path: Path) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    own.replace(delivery(rows(line("1"))), run())
    folder = tmp_path / "lake" / "costs" / "source=aws" / "billing_period=2026-03-01"
    for name, age in (("orphan", timedelta(hours=25)), ("staged", timedelta(hours=23))):
        pl.DataFrame({"a": [1]}).write_parquet(folder / f"{name}.parquet")
        moment = (clock.moment - age).timestamp()
        os.utime(folder / f"{name}.parquet", (moment, moment))

    said = own.vacuum(keep=AUDIT)

    assert "1 orphan removed" in said[0]
    assert {path.stem for path in folder.glob("*.parquet")} >= {"staged"}
    assert not (folder / "orphan.parquet").exists()
    assert totals(own.at(own.version())) == (Decimal(1), Decimal(1))


def test_a_version_that_never_was(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    with pytest.raises(NotFound, match="version 99 does not exist"):
        own.at(DataVersion(costs=99)).costs()
