"""A billing period is replaced whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.errors import BrokenStore, LakeConflict, RefusedBatch
from finops.lake import DeltaLake
from finops.lake.tables.staging import StagedFile
from finops.lake.tables.table import LostRace, Table
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, Delivery, Tally
from tests.support.bills import (
    APRIL,
    MARCH,
    MAY,
    START,
    StoppedClock,
    Verifier,
    billed,
    delivery,
    lake,
    line,
    parquet_files,
    rows,
    run,
    totals,
)


def test_the_first_delivery(tmp_path: Path) -> None:
    own = lake(tmp_path)
    written = own.replace(delivery(rows(line("1.5"), line("2", day=2, currency="USD"))), run())

    assert (written.costs_version, written.tally) == (0, Tally(rows=7))
    (replacement,) = written.replacements
    assert (replacement.billing_period, replacement.rows, replacement.restated) == (MARCH, 2, {})
    assert replacement.sums["EUR"] == {
        "BilledCost": Decimal("1.5"),
        "EffectiveCost": Decimal(3),
        "ListCost": Decimal("4.5"),
        "ContractedCost": Decimal(6),
    }
    assert replacement.sums["USD"]["BilledCost"] == 2
    assert replacement.complete_through == datetime(2026, 3, 3, tzinfo=UTC)
    assert totals(own.at(own.version())) == (Decimal("3.5"), Decimal("3.5"))


def test_a_commit_of_another_process_is_seen_at_once_and_moves_nothing_that_is_open(tmp_path: Path) -> None:
    own, other = lake(tmp_path), lake(tmp_path)
    own.replace(delivery(rows(line("1")), "first"), run())
    table = own._costs
    opened, view = table.open(), own.at(own.version())
    assert opened is not None
    other.replace(delivery(rows(line("2")), "second"), run())
    assert own.version().costs == 1
    own.replace(delivery(rows(line("3")), "third"), run())
    assert other.version().costs == own.version().costs == 2
    assert opened.version() == 0
    assert [billed(one.costs()) for one in (view, own.at(own.version()))] == [Decimal(1), Decimal(3)]


def test_a_log_that_is_damaged_under_an_open_table_is_noticed(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1")), "first"), run())
    own.version()
    log = tmp_path / "lake" / "costs" / "_delta_log" / f"{0:020}.json"
    log.write_bytes(b"x" * log.stat().st_size)
    with pytest.raises(BrokenStore):
        own.known("aws")


def test_what_is_known_is_what_was_written(tmp_path: Path) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    own.replace(delivery(rows(line("1"))), run("first"))
    own.replace(delivery(rows(line("9")), source="azure"), run("other"))
    clock.moment += timedelta(hours=1)
    own.replace(delivery(rows(line("2"), line("3", period=APRIL)), "b"), run("second"))

    known = lake(tmp_path).known("aws")
    assert list(known) == [MARCH, APRIL]
    march = known[MARCH]
    assert (march.digest, march.rows, march.run_id, march.costs_version) == ("b", 1, "second", 2)
    assert march.written_at == START + timedelta(hours=1)
    assert march.manifest == {"file": "2026-03-01.csv"}
    assert march.sums["EUR"]["BilledCost"] == 2
    assert lake(tmp_path).known("azure")[MARCH].run_id == "other"
    assert lake(tmp_path).known("nobody") == {}


def test_unchanged_content_writes_nothing(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    before, files, verify = own.version(), parquet_files(tmp_path), Verifier()

    written = own.replace(delivery(rows(line("1")), verify=verify), run("again"))

    assert (written.costs_version, written.replacements, verify.calls) == (None, (), 0)
    assert own.version() == before
    assert parquet_files(tmp_path) == files
    assert len(own.history()) == 1


def test_only_the_periods_that_changed_are_written(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("2", period=APRIL))), run())
    both = rows(line("7"), line("5", period=APRIL))
    mixed = Delivery("aws", both.lazy(), {MARCH: "a", APRIL: "b"}, {}, Verifier())

    written = own.replace(mixed, run("again"))

    assert [done.billing_period for done in written.replacements] == [APRIL]
    assert totals(own.at(own.version())) == (Decimal(6), Decimal(6))
    assert own.known("aws")[MARCH].costs_version == 0


def test_a_restatement_is_the_difference_by_currency(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("5", currency="USD"))), run())
    (done,) = own.replace(delivery(rows(line("1.25"), line("3", currency="GBP")), "b"), run()).replacements
    assert {currency: costs["BilledCost"] for currency, costs in done.restated.items()} == {
        "EUR": Decimal("0.25"),
        "GBP": Decimal(3),
        "USD": Decimal(-5),
    }


def test_a_period_can_become_empty(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("2", period=APRIL))), run())
    (done,) = own.replace(delivery(rows(), "b", periods=[MARCH]), run()).replacements
    assert (done.rows, done.sums, done.restated["EUR"]["BilledCost"]) == (0, {}, Decimal(-1))
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))
    assert own.known("aws")[MARCH].rows == 0
    assert own.reconcile() == []


def test_the_first_delivery_may_be_empty(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(), periods=[MARCH]), run())
    assert (
        totals(own.at(own.version())) == (Decimal(0), Decimal(0)) or own.at(own.version()).costs().collect().is_empty()
    )
    assert own.known("aws")[MARCH].rows == 0
    assert own.heal() == []


def test_sources_do_not_touch_each_other(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1")), source="aws"), run())
    own.replace(delivery(rows(line("2")), source="azure prod/é=1"), run())
    own.replace(delivery(rows(line("4")), "b", source="aws"), run())
    found = own.at(own.version()).costs().group_by("source").agg(pl.col("BilledCost").sum()).sort("source").collect()
    assert found.rows() == [("aws", Decimal(4)), ("azure prod/é=1", Decimal(2))]
    assert own.reconcile() == []


def test_a_refused_bill_leaves_no_trace(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    before, files = own.version(), parquet_files(tmp_path)
    refusal = RefusedBatch("a cost is not a valid number", where="bill.csv, row 3", remedy="Repair it")
    with pytest.raises(RefusedBatch) as caught:
        own.replace(delivery(rows(line("2")), "b", verify=Verifier(refusal)), run())
    assert caught.value is refusal
    assert (own.version(), parquet_files(tmp_path)) == (before, files)
    assert own.known("aws")[MARCH].digest == "a"


def test_rows_that_get_lost_on_the_way_into_files_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_one(_: Location, files: Sequence[tuple[date | None, StagedFile]]) -> list[StagedFile]:
        return [replace(file, rows=file.rows - 1) for _, file in files]

    monkeypatch.setattr("finops.lake.write.replace.with_ranges", lose_one)
    own = lake(tmp_path)
    with pytest.raises(BrokenStore) as caught:
        own.replace(delivery(rows(line("1"), line("2"))), run())
    assert (caught.value.what, caught.value.where, caught.value.remedy) == (
        "only 1 of 2 rows were written",
        f"source aws, {MARCH}",
        "Report this: rows were lost while writing",
    )
    assert parquet_files(tmp_path) == set()


@pytest.mark.parametrize("period", [APRIL, None])
def test_rows_of_a_period_that_was_not_announced_are_refused(tmp_path: Path, period: date | None) -> None:
    own = lake(tmp_path)
    stray = rows(line("1"), {**line("2"), "billing_period": period})
    with pytest.raises(RefusedBatch, match="not announced"):
        own.replace(delivery(stray, periods=[MARCH]), run())
    assert own.known("aws") == {}
    assert parquet_files(tmp_path) == set()


def test_a_stream_that_breaks_is_explained_by_verify_where_it_can(tmp_path: Path) -> None:
    own = lake(tmp_path)
    broken = rows(line("1")).lazy().with_columns(x_n=pl.lit("abc").cast(pl.Int64))
    verify = Verifier()
    with pytest.raises(RefusedBatch, match="cannot be read"):
        own.replace(Delivery("aws", broken, {MARCH: "a"}, {}, verify), run())
    assert verify.calls == 1
    refusal = RefusedBatch("abc is not a valid number", where="bill.csv, row 1", remedy="Repair it")
    with pytest.raises(RefusedBatch, match="abc is not a valid number"):
        own.replace(Delivery("aws", broken, {MARCH: "a"}, {}, Verifier(refusal)), run())
    assert parquet_files(tmp_path) == set()


def test_new_columns_join_the_table(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    own.replace(delivery(rows(line("2", period=APRIL, x_Extra="e"))), run())
    own.replace(delivery(rows(line("3", period=MAY))), run())
    found = own.at(own.version()).costs().select("billing_period", "x_Extra").sort("billing_period").collect()
    assert found["x_Extra"].to_list() == [None, "e", None]
    assert own.reconcile() == []


def test_columns_keep_the_type_that_they_first_had(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1", x_Text="e", x_Number=1))), run())
    own.replace(delivery(rows(line("2", period=APRIL, x_Text=5, x_Number=2))), run())
    found = own.at(own.version()).costs().select("x_Text", "x_Number").sort("x_Number").collect()
    assert found.rows() == [("e", 1), ("5", 2)]
    with pytest.raises(RefusedBatch, match="x_Number"):
        own.replace(delivery(rows(line("2", period=MAY, x_Number="many"))), run())


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (pl.UInt8, [7]),
        (pl.UInt32, [7]),
        (pl.UInt64, [7]),
        (pl.Enum(["a"]), ["a"]),
        (pl.Categorical, ["a"]),
        (pl.Null, [None]),
        (pl.Boolean, [True]),
        (pl.Float64, [1.5]),
        (pl.Date, [MARCH]),
        (pl.Datetime("ns"), [datetime(2026, 3, 1)]),  # noqa: DTZ001 - a time without a zone is the point
        (pl.Datetime("ms", "Europe/Berlin"), [datetime(2026, 3, 1, tzinfo=UTC)]),
        (pl.List(pl.UInt16), [[7]]),
        (pl.Struct({"a": pl.String}), [{"a": "b"}]),
    ],
)
def test_every_type_of_a_column_finds_one_that_delta_has(tmp_path: Path, dtype: Any, values: list[Any]) -> None:
    own = lake(tmp_path)
    frame = rows(line("1")).with_columns(pl.Series("x_Odd", values, dtype=dtype, strict=False))
    own.replace(delivery(frame), run())
    own.replace(delivery(frame, "b"), run())
    assert own.at(own.version()).costs().select("x_Odd").collect().height == 1


def test_complete_through_is_never_later_than_the_run(tmp_path: Path) -> None:
    own = lake(tmp_path)
    early = datetime(2026, 3, 1, 12, tzinfo=UTC)
    (done,) = own.replace(delivery(rows(line("1"))), run(at=early)).replacements
    assert done.complete_through == early


def test_a_monthly_fee_does_not_make_a_month_complete(tmp_path: Path) -> None:
    own = lake(tmp_path)
    fee = line("30", length=timedelta(days=31), ChargeFrequency="Recurring")
    (done,) = own.replace(delivery(rows(fee, line("1", day=4))), run()).replacements
    assert done.complete_through == datetime(2026, 3, 5, tzinfo=UTC)
    (only_fee,) = own.replace(delivery(rows(fee), "b"), run()).replacements
    assert only_fee.complete_through == datetime(2026, 4, 1, tzinfo=UTC)


def test_a_lost_race_with_the_same_content_leaves_it_to_the_winner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lake(tmp_path)
    rival = lake(tmp_path)

    class Late(Verifier):
        def __call__(self) -> Tally:
            if not self.calls:
                rival.replace(delivery(rows(line("1"))), run("rival"))
            return super().__call__()

    written = own.replace(delivery(rows(line("1")), verify=Late()), run("late"))
    assert written.costs_version is None
    assert [change.run_id for change in own.history()] == ["rival"]
    assert len([name for name in parquet_files(tmp_path) if "/costs/" in f"/{name}"]) == 1


def test_a_lost_race_with_other_content_replaces_the_winner(tmp_path: Path) -> None:
    own = lake(tmp_path)
    rival = lake(tmp_path)

    class Late(Verifier):
        def __call__(self) -> Tally:
            rival.replace(delivery(rows(line("1")), "rival"), run("rival"))
            return super().__call__()

    (done,) = own.replace(delivery(rows(line("3")), verify=Late()), run("late")).replacements
    assert done.restated["EUR"]["BilledCost"] == 2
    assert totals(own.at(own.version())) == (Decimal(3), Decimal(3))


def test_a_commit_whose_answer_got_lost_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    honest = Table._write

    def answer_lost(self: Table, *args: Any) -> None:
        honest(self, *args)
        raise OSError("connection reset")

    monkeypatch.setattr(Table, "_write", answer_lost)
    written = own.replace(delivery(rows(line("2")), "b"), run())
    assert written.costs_version == 1
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))


def test_patience_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    files = parquet_files(tmp_path)

    def lose(*_: Any, **__: Any) -> int:
        raise LostRace

    monkeypatch.setattr(Table, "commit", lose)
    monkeypatch.setattr("finops.lake.write.replace.pause", lambda attempt: None)
    with pytest.raises(LakeConflict, match="30 attempts"):
        own.replace(delivery(rows(line("2")), "b"), run())
    assert parquet_files(tmp_path) == files


def test_reading_what_is_known_does_not_read_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    for number in range(12):
        own.replace(delivery(rows(line(str(number))), f"d{number}"), run())
    own.replace(delivery(rows(line("1", period=APRIL))), run())
    fresh = lake(tmp_path)
    assert set(fresh.known("aws")) == {MARCH, APRIL}
    assert fresh._costs.log.mark.cache_info().misses <= 3


def test_the_log_carries_what_an_audit_asks(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run("run-7"))
    log = (tmp_path / "lake" / "costs" / "_delta_log" / f"{0:020}.json").read_text().splitlines()
    mark = next(json.loads(text)["commitInfo"]["finops"] for text in log if "commitInfo" in text)
    assert (mark["run"], mark["started_at"]) == ("run-7", START.isoformat())
    assert mark["entries"]["2026-03-01"]["digest"] == "a"
    added = next(json.loads(text)["add"] for text in log if '"add"' in text)
    assert json.loads(added["stats"])["minValues"]["ChargePeriodStart"] == "2026-03-01T00:00:00.000000Z"


AMOUNTS = st.lists(
    st.decimals(min_value=-(10**6), max_value=10**6, places=15, allow_nan=False, allow_infinity=False), max_size=5
)
BILLS = st.lists(st.tuples(st.sampled_from([MARCH, APRIL]), st.sampled_from(["aws", "azure"]), AMOUNTS), max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bills=BILLS)
def test_replacing_replaces_and_never_adds(
    bills: list[tuple[date, str, list[Decimal]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = lake(tmp_path_factory.mktemp("law"))
    holds: dict[tuple[str, date], Decimal] = {}
    for number, (period, source, amounts) in enumerate(bills):
        frame = rows(*(line(amount, period=period, day=1 + n) for n, amount in enumerate(amounts)))
        before = holds.get((source, period))
        (done,) = own.replace(delivery(frame, f"d{number}", source=source, periods=[period]), run()).replacements
        holds[source, period] = sum(amounts, Decimal(0))
        restated = done.restated.get("EUR", {}).get("BilledCost", Decimal(0))
        assert restated == (holds[source, period] - before if before is not None else 0)
    _agrees(own, holds)


def _agrees(own: DeltaLake, holds: dict[tuple[str, date], Decimal]) -> None:
    view = own.at(own.version())
    for frame in (view.costs(), view.costs_daily(), view.costs_by_day()):
        by_partition = frame.group_by("source", "billing_period").agg(pl.col(*COSTS).sum()).collect()
        found = {(row["source"], row["billing_period"]): row["BilledCost"] for row in by_partition.to_dicts()}
        assert found == {key: amount for key, amount in holds.items() if key in found}
        assert all(amount == 0 for key, amount in holds.items() if key not in found)
        assert billed(frame) == sum(holds.values(), Decimal(0))
    assert own.reconcile() == []
