"""The rollup is never behind or ahead of the costs at a version that readers see."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.errors import LakeConflict, Unreachable
from finops.lake import DeltaLake
from finops.lake.tables.table import LostRace, Table
from finops.lake.write.rollup import Rollup
from finops.model.data_version import DataVersion
from finops.ports.lake import Delivery
from tests.support.bills import APRIL, MARCH, FromTag, billed, delivery, lake, line, rows, run, totals


def replace_and_crash(own: DeltaLake, what: Delivery, monkeypatch: pytest.MonkeyPatch, at: str = "catch_up") -> None:
    """Writes the costs; the power goes off before the rollup."""

    def crash(*_: object, **__: object) -> None:
        raise Unreachable("the power is off", where="here", remedy="Wait")

    with monkeypatch.context() as patched:
        patched.setattr(Rollup, "catch_up", crash) if at == "catch_up" else patched.setattr(
            Table, "commit", _failing_at(at, Table.commit)
        )
        with pytest.raises(Unreachable):
            own.replace(what, run())


def _failing_at(name: str, honest):  # type: ignore[no-untyped-def] # a wrapper of any method
    def commit(self: Table, *args: object, **named: object) -> int:
        if self.name == name:
            raise Unreachable("the power is off", where="here", remedy="Wait")
        return int(honest(self, *args, **named))

    return commit


def by_team(own: DeltaLake) -> dict[str | None, Decimal]:
    view = own.at(own.version())
    joined = view.costs_daily().join(view.scopes(), on="scope_id").group_by("team").agg(pl.col("BilledCost").sum())
    return dict(joined.collect().iter_rows())


def test_an_empty_lake_has_the_right_columns(tmp_path: Path) -> None:
    own = lake(tmp_path)
    assert own.version() == DataVersion()
    view = own.at(own.version())
    assert {"scope_id", "source", "ServiceName", "team"} <= set(view.scopes().collect().columns)
    assert {"scope_id", "day", "currency", "BilledCost", "rows"} <= set(view.costs_daily().collect().columns)
    assert {"source", "billing_period", "Tags", "EffectiveCost"} <= set(view.costs().collect().columns)
    assert {"day", "team", "BilledCost"} <= set(view.costs_by_day().collect().columns)
    assert view.demand().collect().columns == ["name", "day", "value", "unit", "dimensions"]
    assert (own.heal(), own.history(), own.status(), own.reconcile()) == ([], (), (), [])


def test_cells_are_sums_by_scope_and_day(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill = rows(
        line("1"),
        line("2"),
        line("4", day=2),
        line("8", Tags='{"team":"b"}'),
        line("16", currency="USD"),
        line("32", Tags=None),
    )
    own.replace(delivery(bill), run())
    view = own.at(own.version())
    found = (
        view.costs_daily()
        .join(view.scopes(), on="scope_id")
        .select("team", "day", "currency", "BilledCost", "ContractedCost", "rows")
        .sort("BilledCost")
        .collect()
    )
    second = MARCH + timedelta(days=1)
    assert found.rows() == [
        ("a", MARCH, "EUR", Decimal(3), Decimal(12), 2),
        ("a", second, "EUR", Decimal(4), Decimal(16), 1),
        ("b", MARCH, "EUR", Decimal(8), Decimal(32), 1),
        ("a", MARCH, "USD", Decimal(16), Decimal(64), 1),
        (None, MARCH, "EUR", Decimal(32), Decimal(128), 1),
    ]
    assert view.scopes().collect().height == 3


def test_a_spread_row_counts_once(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("31", length=timedelta(days=31)), line("1"))), run())
    daily = own.at(own.version()).costs_daily().sort("day").collect()
    assert (daily.height, daily["rows"].sum(), daily["BilledCost"].sum()) == (31, 2, 32)
    assert daily["BilledCost"][0] == 2
    assert own.reconcile() == []


def test_costs_by_day_agrees_with_the_rollup_on_every_day(tmp_path: Path) -> None:
    own = lake(tmp_path, timezone="Europe/Berlin")
    bill = rows(line("10", length=timedelta(days=31)), line("1", day=31), line("-7", length=timedelta(days=3)))
    own.replace(delivery(bill), run())
    view = own.at(own.version())
    days = [
        frame.group_by("day").agg(pl.col("BilledCost").sum()).sort("day").collect().rows()
        for frame in (view.costs_by_day(), view.costs_daily())
    ]
    assert days[0] == days[1]
    assert view.costs_by_day().select("team").collect()["team"].unique().to_list() == ["a"]


def test_quantities_are_spread_like_costs(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill = rows(line("10", length=timedelta(days=4))).with_columns(
        ConsumedQuantity=pl.lit(Decimal(8)).cast(pl.Decimal(38, 15))
    )
    own.replace(delivery(bill), run())
    by_day = own.at(own.version()).costs_by_day().collect()
    assert by_day["ConsumedQuantity"].to_list() == [Decimal(2)] * 4


@pytest.mark.parametrize("at", ["catch_up", "scopes", "costs_daily"])
def test_after_a_crash_readers_see_a_matching_pair_and_healing_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    changed = delivery(rows(line("5", Tags='{"team":"new"}'), line("3", period=APRIL)), "b")
    replace_and_crash(own, changed, monkeypatch, at)

    assert totals(own.at(own.version())) == (Decimal(1), Decimal(1))
    assert [mismatch.billing_period for mismatch in own.reconcile()] == []
    assert len(own.heal()) == 1
    assert totals(own.at(own.version())) == (Decimal(8), Decimal(8))
    assert by_team(own) == {"a": Decimal(3), "new": Decimal(5)}
    assert own.heal() == []


def test_the_next_run_heals_even_when_it_brings_nothing_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    replace_and_crash(own, delivery(rows(line("1"))), monkeypatch)
    assert own.version() == DataVersion()
    assert "not rolled up" in own.reconcile()[0].what
    assert own.replace(delivery(rows(line("1"))), run()).costs_version is None
    assert totals(own.at(own.version())) == (Decimal(1), Decimal(1))


def test_several_runs_that_crashed_are_caught_up_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("1", period=APRIL))), run())
    replace_and_crash(own, delivery(rows(line("2")), "b"), monkeypatch)
    replace_and_crash(own, delivery(rows(), "c", periods=[APRIL]), monkeypatch)
    replace_and_crash(own, delivery(rows(line("7")), source="azure"), monkeypatch)
    (said,) = own.heal()
    assert "3 billing periods of costs version 3" in said
    assert totals(own.at(own.version())) == (Decimal(9), Decimal(9))


def test_a_new_dimension_rebuilds_the_rollup_and_not_the_costs(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1", Tags='{"team":"a","env":"prod"}'), line("2", Tags='{"env":"dev"}'))), run())
    old = own.version()

    grown = lake(tmp_path, dimensions=FromTag(("team", "env")))
    assert grown.version() == old
    (said,) = grown.heal()

    assert "dimensions" in said
    assert grown.version().costs == old.costs
    view = grown.at(grown.version())
    assert sorted(view.scopes().collect()["env"]) == ["dev", "prod"]
    assert totals(view) == (Decimal(3), Decimal(3))
    before = own.at(old)
    assert "env" not in before.scopes().collect().columns
    joined = before.costs_daily().join(before.scopes(), on="scope_id", how="anti").collect()
    assert joined.is_empty()


def test_a_dimension_that_goes_away_goes_away(tmp_path: Path) -> None:
    own = lake(tmp_path, dimensions=FromTag(("team", "env")))
    own.replace(delivery(rows(line("1"))), run())
    less = lake(tmp_path, dimensions=FromTag(("env",)))
    less.heal()
    assert "team" not in less.at(less.version()).scopes().collect().columns


def test_scopes_of_a_crashed_rebuild_do_not_leak_into_the_old_dimensions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    grown = lake(tmp_path, dimensions=FromTag(("team", "env")))
    with monkeypatch.context() as patched:
        patched.setattr(Table, "commit", _failing_at("costs_daily", Table.commit))
        with pytest.raises(Unreachable):
            grown.heal()
    own.replace(delivery(rows(line("2", period=APRIL, Tags='{"team":"b"}'))), run())
    assert by_team(own) == {"a": Decimal(1), "b": Decimal(2)}


def test_another_time_zone_rebuilds_the_days(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    west = lake(tmp_path, timezone="America/New_York")
    (said,) = west.heal()
    assert "time zone" in said
    assert west.at(west.version()).costs_daily().collect()["day"].to_list() == [date(2026, 2, 28)]


def test_another_writers_maintenance_does_not_confuse(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())
    DeltaTable(str(tmp_path / "lake" / "costs")).alter.set_table_properties({"delta.checkpointInterval": "50"})
    assert own.known("aws")[MARCH].digest == "a"
    own.replace(delivery(rows(line("2")), "b"), run())
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))


def test_rows_that_another_writer_deletes_leave_the_rollup_too(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"), line("2", period=APRIL))), run())
    DeltaTable(str(tmp_path / "lake" / "costs")).delete("billing_period = '2026-03-01'")
    own.heal()
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))
    assert {(mismatch.billing_period, mismatch.what.split(":")[0]) for mismatch in own.reconcile()} == {
        (MARCH, "costs"),
        (MARCH, "costs_daily"),
    }


def test_patience_ends_and_the_costs_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(line("1"))), run())

    def lose(self: Table, *args: object, **named: object) -> int:
        if self.name == "costs_daily":
            raise LostRace
        return int(honest(self, *args, **named))  # type: ignore[arg-type] # passed through

    honest = Table.commit
    with monkeypatch.context() as patched:
        patched.setattr(Table, "commit", lose)
        patched.setattr("finops.lake.write.rollup.pause", lambda attempt: None)
        with pytest.raises(LakeConflict):
            own.replace(delivery(rows(line("2")), "b"), run())
    assert billed(own.at(own.version()).costs()) == 1
    own.heal()
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))


def test_a_dimension_may_be_made_from_any_column(tmp_path: Path) -> None:
    class Large(FromTag):
        def expressions(self) -> list[pl.Expr]:
            large = (pl.col("BilledCost") > 10) | (pl.col("x_Late") > 1)
            return [pl.when(large).then(pl.lit("yes")).alias("large")]

    lake(tmp_path).replace(delivery(rows(line("1"), line("11"))), run())
    lake(tmp_path).replace(delivery(rows(line("2", period=APRIL, x_Late=2))), run())
    own = lake(tmp_path, dimensions=Large(("large",), frozenset({"BilledCost", "x_Late"})))
    own.heal()
    own.replace(delivery(rows(line("1"), line("12")), "b"), run())
    view = own.at(own.version())
    found = view.costs_daily().join(view.scopes(), on="scope_id").group_by("large").agg(pl.col("BilledCost").sum())
    assert dict(found.collect().iter_rows()) == {"yes": Decimal(14), None: Decimal(1)}
    assert view.costs_by_day().filter(large="yes").collect().height == 2


_BILLS = st.lists(
    st.builds(
        line,
        st.decimals(-(10**6), 10**6, places=15).map(str),
        period=st.sampled_from([MARCH, APRIL]),
        day=st.integers(1, 28),
        length=st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=7)]),
        currency=st.sampled_from(["EUR", "USD"]),
        Tags=st.sampled_from([None, '{"team":"a"}', '{"team":"b\\"c"}']),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(bill=_BILLS)
def test_rows_that_are_added_up_on_their_way_and_rows_read_again_give_the_same_cells(
    bill: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    streamed, healed = (lake(tmp_path_factory.mktemp("lake")) for _ in range(2))
    streamed.replace(delivery(rows(*bill)), run())
    with pytest.MonkeyPatch.context() as monkeypatch:
        replace_and_crash(healed, delivery(rows(*bill)), monkeypatch)
    assert healed.heal()
    views = [own.at(own.version()) for own in (streamed, healed)]
    for table in ("scopes", "costs_daily"):
        first, second = (getattr(view, table)().collect() for view in views)
        assert first.sort(first.columns).equals(second.select(first.columns).sort(first.columns))
    assert totals(views[0])[0] == totals(views[0])[1]
    assert streamed.reconcile() == []
