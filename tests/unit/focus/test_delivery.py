"""Many parts, one delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from finops.errors import NotFound, RefusedBatch, Unreachable
from finops.focus.delivery import deliver
from finops.ports.source import Offer, Part
from tests.support.focus_frames import bill, part

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
IN_APRIL = {
    "BillingPeriodStart": "2026-04-01T00:00:00Z",
    "BillingPeriodEnd": "2026-05-01T00:00:00Z",
    "ChargePeriodStart": "2026-04-01T00:00:00Z",
    "ChargePeriodEnd": "2026-04-02T00:00:00Z",
}


def offer(period: date, *parts: Part) -> Offer:
    return Offer(period, f"digest of {period}", parts, {"files": [each.name for each in parts]})


def test_a_part_of_two_periods_is_read_once() -> None:
    both = part(bill({"BilledCost": "1"}, {**IN_APRIL, "BilledCost": "2"}))
    delivery = deliver("bills", [offer(MARCH, both), offer(APRIL, both)])
    rows = delivery.rows.collect(engine="streaming")
    assert rows.select("billing_period", "BilledCost").sort("billing_period").rows() == [
        (MARCH, Decimal(1)),
        (APRIL, Decimal(2)),
    ]
    assert delivery.periods == {MARCH: "digest of 2026-03-01", APRIL: "digest of 2026-04-01"}
    assert delivery.manifests[APRIL] == {"files": ["bill.csv"]}
    assert delivery.verify().rows == 2


def test_only_offered_periods_are_delivered() -> None:
    both = part(bill({}, IN_APRIL))
    delivery = deliver("bills", [offer(APRIL, both)])
    assert delivery.rows.collect(engine="streaming")["billing_period"].to_list() == [APRIL]
    assert delivery.verify().rows == 1


def test_parts_of_different_versions_and_columns_come_together() -> None:
    old = part(bill({"x_a": "1", "Note": "n"}), "old.csv")
    new = part(bill({"x_b": "2", "ServiceProviderName": "Acme"}).drop("ProviderName", "PublisherName"), "new.csv")
    rows = deliver("bills", [offer(MARCH, old, new)]).rows.collect(engine="streaming")
    assert rows["ServiceProviderName"].to_list() == ["Acme", "Acme"]
    extra = ["x_Note", "x_Principal", "x_PublisherName", "x_a", "x_b"]
    assert rows.columns[-6:] == [*extra, "billing_period"]
    assert rows.select(extra).rows() == [("n", None, "Acme Publishing", "1", None), (None, None, None, None, "2")]


def test_extra_columns_of_two_types_become_text() -> None:
    number = part(bill({}).with_columns(x_a=pl.lit(7)), "number.parquet")
    text = part(bill({"x_A": "seven"}), "text.csv")
    rows = deliver("bills", [offer(MARCH, number, text)]).rows.collect(engine="streaming")
    assert rows["x_a"].to_list() == ["7", "seven"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_first_fault_in_the_parts_order_is_named(order: Sequence[int]) -> None:
    good, bad = part(bill({}), "good.csv"), part(bill({}, {"BilledCost": "?"}, {"BilledCost": "!"}), "bad.csv")
    delivery = deliver("bills", [offer(MARCH, *((good, bad)[index] for index in order))])
    delivery.rows.collect(engine="streaming")
    with pytest.raises(RefusedBatch, match=r"^bad.csv, row 2, column BilledCost: '\?' is not a valid number"):
        delivery.verify()


def test_repairs_of_all_parts_add_up() -> None:
    parts = [part(bill({"ChargeCategory": "usage"}), f"{index}.csv") for index in range(3)]
    delivery = deliver("bills", [offer(MARCH, *parts)])
    delivery.rows.collect(engine="streaming")
    assert delivery.verify().repaired == {"ChargeCategory: casing": 3}


def test_a_header_that_cannot_be_a_bill_is_refused_at_once() -> None:
    with pytest.raises(RefusedBatch, match="the column BilledCost is missing"):
        deliver("bills", [offer(MARCH, part(bill({}).drop("BilledCost")))])


def test_no_offers_is_an_empty_delivery() -> None:
    delivery = deliver("bills", [])
    assert delivery.rows.collect(engine="streaming").height == 0
    assert delivery.verify().rows == 0


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    stays, goes = tmp_path / "stays.parquet", tmp_path / "goes.parquet"
    for path in (stays, goes):
        bill({}).write_parquet(path)
    parts = [Part(path.name, partial(pl.scan_parquet, path)) for path in (stays, goes)]
    delivery = deliver("bills", [offer(MARCH, *parts)])
    goes.unlink()
    with pytest.raises((pl.exceptions.PolarsError, OSError)):
        delivery.rows.collect(engine="streaming")
    assert delivery.explain is not None
    error = delivery.explain()
    assert isinstance(error, NotFound)
    assert error.where == "goes.parquet"


def test_nothing_to_explain_where_all_parts_can_be_read() -> None:
    delivery = deliver("bills", [offer(MARCH, part(bill({})))])
    assert delivery.explain is not None
    assert delivery.explain() is None


def test_memory_is_flat_in_the_number_of_parts() -> None:
    """The stream's plan holds no operation that gathers rows, whatever the number of parts."""
    parts = [part(bill({"x_a": "1"}), f"{index}.csv") for index in range(40)]
    delivery = deliver("bills", [offer(MARCH, *parts)])
    plan = delivery.rows.explain(engine="streaming")
    assert not [word for word in ("SORT", "JOIN", "AGGREGATE", "UNIQUE", "CACHE") if word in plan.upper()]
    assert delivery.rows.collect(engine="streaming").height == 40


def test_what_a_source_repaired_is_told() -> None:
    given = Part("bill.csv", bill({}, {}).lazy, lambda: {"ServiceName: taken from the meter": 2})
    tally = deliver("bills", [offer(MARCH, given)]).verify()
    assert tally.rows == 2
    assert tally.repaired["ServiceName: taken from the meter"] == 2


def test_rows_that_did_not_all_come_refuse_the_delivery() -> None:
    def verify() -> dict[str, int]:
        raise Unreachable("1 of 2 rows came", where="bill.csv", remedy="Collect again")

    delivery = deliver("bills", [offer(MARCH, Part("bill.csv", bill({}).lazy, verify))])
    delivery.rows.collect(engine="streaming")
    with pytest.raises(Unreachable, match=r"1 of 2 rows came"):
        delivery.verify()
