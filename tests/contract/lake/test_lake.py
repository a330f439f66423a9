"""What every store must do for the lake: a local folder, Amazon S3, Azure Data Lake Storage."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from finops.errors import FinopsError, NotFound, RefusedBatch
from finops.lake import DeltaLake
from finops.objectstore.location import Location
from finops.ports.lake import NewSeries, Tally
from tests.support.bills import APRIL, MARCH, MONEY, StoppedClock, Verifier, delivery, lake, line, rows, run, totals

Place = Callable[[str], Location]


@pytest.fixture(params=["local", "s3", "adls"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "s3":
        bucket = request.getfixturevalue("s3_bucket")
        return lambda name: Location.parse(f"s3://{bucket}/{name}", base=tmp_path)
    if request.param == "adls":
        container = request.getfixturevalue("azure_container")
        server = request.getfixturevalue("azurite_server")
        uri = f"abfss://{container}@{server.account}"
        return lambda name: Location.parse(f"{uri}/{name}", base=tmp_path, endpoint=server.endpoint)
    return lambda name: Location.parse(name or "costs/costs", base=tmp_path)


@pytest.fixture
def own(place: Place) -> DeltaLake:
    return lake(place("deep/lake"))


def stored(at: Location) -> list[str]:
    listed = [file["path"] for batch in at.store().list() for file in batch]
    return sorted(path for path in listed if path.endswith(".parquet") and "_delta_log" not in path)


def test_a_bill_and_its_restatement(own: DeltaLake) -> None:
    own.replace(delivery(rows(line("1"), line("2", period=APRIL))), run("first"))
    first = own.version()
    (march,) = own.replace(delivery(rows(line("1.5"), line("1", day=2)), "b"), run("second")).replacements
    assert march.restated["EUR"]["BilledCost"] == Decimal("1.5")
    assert totals(own.at(own.version())) == (Decimal("4.5"), Decimal("4.5"))
    assert totals(own.at(first)) == (Decimal(3), Decimal(3))
    assert [change.run_id for change in own.history()] == ["second", "first", "first"]
    assert own.known("aws")[MARCH].digest == "b"
    assert own.reconcile() == []
    assert [status.name for status in own.status()] == ["costs", "scopes", "costs_daily"]


def test_the_same_bytes_twice_are_one_version(own: DeltaLake) -> None:
    own.replace(delivery(rows(line("1"))), run())
    version = own.version()
    assert own.replace(delivery(rows(line("1"))), run()).costs_version is None
    assert own.version() == version


def test_a_refused_bill_leaves_no_trace(own: DeltaLake, place: Place) -> None:
    refusal = RefusedBatch("no", where="bill.csv", remedy="repair")
    with pytest.raises(RefusedBatch):
        own.replace(delivery(rows(line("1"), line("2", period=APRIL)), verify=Verifier(refusal)), run())
    assert stored(place("deep/lake")) == []
    assert own.known("aws") == {}


def test_two_writers_of_one_new_period(own: DeltaLake, place: Place) -> None:
    rival = lake(place("deep/lake"))

    class Late(Verifier):
        def __call__(self) -> Tally:
            rival.replace(delivery(rows(line("1")), "rival"), run("rival"))
            return super().__call__()

    own.replace(delivery(rows(line("3")), "own", verify=Late()), run("own"))
    assert totals(own.at(own.version())) == (Decimal(3), Decimal(3))


def test_many_writers_at_once(place: Place) -> None:
    def write(number: int) -> None:
        lake(place("busy")).replace(delivery(rows(line(str(number))), str(number)), run(str(number)))
        lake(place("busy")).replace(delivery(rows(line("10")), source=f"s{number}"), run(str(number)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 5)))
    own = lake(place("busy"))
    own.heal()
    held = own.at(own.version()).costs().filter(source="aws").collect()
    assert held.height == 1
    assert totals(own.at(own.version())) == (Decimal(40) + held["BilledCost"][0],) * 2
    assert own.reconcile() == []


def test_sources_that_come_at_once_are_each_rolled_up_once(own: DeltaLake) -> None:
    together = Barrier(4)

    def write(number: int) -> None:
        together.wait()
        own.replace(delivery(rows(line("10"), line("1", period=APRIL)), source=f"s{number}"), run(str(number)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    versions = own.version()
    assert (versions.costs, versions.costs_daily) == (3, 3)
    assert own.heal() == []
    assert totals(own.at(versions)) == (Decimal(44), Decimal(44))


def test_a_new_dimension(own: DeltaLake, place: Place) -> None:
    from tests.support.bills import FromTag

    own.replace(delivery(rows(line("1"))), run())
    grown = lake(place("deep/lake"), dimensions=FromTag(("team", "env")))
    assert len(grown.heal()) == 1
    assert "env" in grown.at(grown.version()).scopes().collect().columns


def test_a_lake_at_the_root_of_a_bucket(place: Place) -> None:
    own = lake(place(""))
    own.replace(delivery(rows(line("1"))), run())
    assert totals(own.at(own.version())) == (Decimal(1), Decimal(1))


def test_demand(own: DeltaLake) -> None:
    frame = pl.DataFrame({"day": [MARCH], "value": [Decimal(5)]}, schema_overrides={"value": MONEY})
    assert own.replace_demand([NewSeries("orders", frame, "a", "orders")], run()) == 0
    assert own.replace_demand([NewSeries("orders", frame, "a", "orders")], run()) is None
    assert own.at(own.version()).demand().collect()["value"].to_list() == [Decimal(5)]


def test_upkeep(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StoppedClock()
    own = lake(place("kept"), clock=clock)
    with monkeypatch.context() as patched:
        patched.setattr("finops.lake.tables.staging.ROWS_PER_FILE", 2)
        own.replace(delivery(rows(*(line("1", day=1 + n) for n in range(6)))), run())
    assert own.compact()[0] == "costs: 3 files became 1"
    old = own.version()
    clock.moment += timedelta(days=500)
    own.replace(delivery(rows(line("2")), "b"), run())
    assert own.vacuum(keep=timedelta(days=400))[0].startswith("costs: 3 files")
    assert totals(own.at(old)) == (Decimal(6), Decimal(6))
    assert totals(own.at(own.version())) == (Decimal(2), Decimal(2))


@pytest.mark.parametrize("scheme", ["s3", "adls"])
def test_a_bucket_that_is_not_there(scheme: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if scheme == "s3":
        request.getfixturevalue("s3_bucket")
        at = Location.parse("s3://nowhere-at-all/lake", base=tmp_path)
    else:
        request.getfixturevalue("azure_container")
        server = request.getfixturevalue("azurite_server")
        at = Location.parse(f"abfss://nowhere@{server.account}/lake", base=tmp_path, endpoint=server.endpoint)
    with pytest.raises(FinopsError) as caught:
        lake(at).replace(delivery(rows(line("1"))), run())
    assert isinstance(caught.value, NotFound)
