"""Demand into the lake: forgotten days stay, and what the bills say of themselves follows the bills of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.app.collection.all import collect_all
from finops.app.collection.series import collect_demand
from finops.app.container import open_container
from finops.ports.source import Check, DemandDelivery
from tests.support.bills import MONEY, StoppedClock, lake
from tests.support.focus_frames import bill

CONFIG = """\
apiVersion: finops/v1
policies: []
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  bills: {kind: focus-files, path: ./bills}
demand:
  tokens: {kind: costs, scope: "source = 'bills'", column: ConsumedQuantity, unit: tokens}
"""


@dataclass
class Forgetful:
    """Knows only the newest days."""

    delivery: DemandDelivery
    name: str = "orders"
    kind: str = "prometheus"
    checks: tuple[Check, ...] = field(default=())

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        return None if known_digest == self.delivery.digest else self.delivery

    def check(self) -> tuple[Check, ...]:
        return self.checks


def series(
    digest: str, whole_from: date | None, *rows: tuple[date, int, str | None], column: str = "shop"
) -> Forgetful:
    frame = pl.DataFrame(rows, schema={"day": pl.Date, "value": MONEY, column: pl.String}, orient="row")
    return Forgetful(DemandDelivery(frame, digest, "orders", whole_from=whole_from))


def days(*numbers: int) -> list[date]:
    return [date(2026, 3, number) for number in numbers]


def test_days_that_the_origin_forgot_stay_as_the_lake_has_them(tmp_path: Path) -> None:
    own, clock = lake(tmp_path), StoppedClock()
    one, two, three, four = days(1, 2, 3, 4)
    collect_demand(series("a", None, (one, 1, "west"), (two, 2, "west"), (three, 3, None)), own, clock)
    collected = collect_demand(series("b", three, (three, 30, "east"), (four, 4, "east"), column="region"), own, clock)
    assert (collected.rows, collected.error) == (4, "")
    found = own.at(own.version()).demand().sort("day").select("day", "value", "dimensions").collect().rows()
    assert found == [
        (one, Decimal(1), '{"shop":"west"}'),
        (two, Decimal(2), '{"shop":"west"}'),
        (three, Decimal(30), '{"region":"east"}'),
        (four, Decimal(4), '{"region":"east"}'),
    ]


def test_a_whole_series_replaces_everything(tmp_path: Path) -> None:
    own, clock = lake(tmp_path), StoppedClock()
    one, two = days(1, 2)
    collect_demand(series("a", None, (one, 1, None)), own, clock)
    collect_demand(series("b", None, (two, 2, None)), own, clock)
    assert own.at(own.version()).demand().select("day").collect()["day"].to_list() == [two]


@pytest.mark.parametrize("names", [(), ("tokens", "bills")])
def test_a_series_of_the_bills_is_read_after_them_in_one_run(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "bills").mkdir()
    tokens = {"ConsumedQuantity": "1000", "ConsumedUnit": "Tokens"}
    middle = {"ChargePeriodStart": "2026-03-15T00:00:00Z", "ChargePeriodEnd": "2026-03-16T00:00:00Z"}
    bill(tokens, {**tokens, **middle}).write_csv(tmp_path / "bills" / "spring.csv")
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    container = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 6, 1, tzinfo=UTC)))
    try:
        collected = collect_all(container.collectors, names)
        assert collected.exit_status == 0
        view = container.lake.at(container.lake.version())
        assert view.demand().select("name", "day", "value", "unit").sort("day").collect().rows() == [
            ("tokens", date(2026, 3, 1), Decimal(1000), "tokens"),
            ("tokens", date(2026, 3, 15), Decimal(1000), "tokens"),
        ]
        again = collect_all(container.collectors, names)
        assert [one.version for one in again.series] == [None]
    finally:
        container.close()


def test_one_collection_writes_all_its_series_in_one_commit(tmp_path: Path) -> None:
    names = [f"visitors-{number}" for number in range(40)]
    for name in names:
        (tmp_path / f"{name}.csv").write_text("day,value\n2026-03-01,5\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("day,value\n", encoding="utf-8")
    (tmp_path / "grams.csv").write_text("month,emissions\n", encoding="utf-8")
    (tmp_path / "bills").mkdir()
    bill({"ConsumedQuantity": "2"}).write_csv(tmp_path / "bills" / "bill.csv")
    csv = "\n".join(f"  {name}: {{kind: csv, path: ./{name}.csv}}" for name in (*names, "empty", "missing"))
    emissions = "emissions:\n  grams: {kind: csv, path: ./grams.csv}\n"
    (tmp_path / "finops.yaml").write_text(f"{CONFIG}{csv}\n{emissions}", encoding="utf-8")
    container = open_container(tmp_path / "finops.yaml", StoppedClock(datetime(2026, 4, 2, tzinfo=UTC)))
    first = {one.name: one for one in collect_all(container.collectors).series}
    assert {one.version for name, one in first.items() if name != "missing"} == {0}
    assert container.lake.version().demand == 0
    found = container.lake.at(container.lake.version()).demand().select("name").unique().collect()["name"]
    assert set(found) == {*names, "tokens"}
    assert "missing.csv" in first["missing"].error
    assert first["missing"].exit_status == 4
    again = {one.name: one for one in collect_all(container.collectors).series}
    assert {one.version for one in again.values()} == {None}
    for run in (first, again):
        assert {name for name, one in run.items() if one.notes} == {"empty", "grams"}
        assert run["empty"].notes == run["grams"].notes == ("no data: there are column headers but no rows",)
    container.close()
