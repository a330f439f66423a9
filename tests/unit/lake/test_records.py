"""``commitments`` and ``invoices``: derived from costs, delivered, restated, repaired, read as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.focus.schema import focus_columns
from finops.lake import DeltaLake
from finops.ports.records import SCHEMAS, TABLE_OF, Dataset, NewRecords
from tests.support.bills import APRIL, MARCH, START, StoppedClock, delivery, lake, line, rows, run
from tests.unit.lake.test_rebuild import DAMAGES

ARN = "arn:aws:savingsplans::1:savingsplan/1"
ORDER = "/providers/microsoft.capacity/reservationorders/o"


def _of(own: DeltaLake, table: str, dataset: Dataset = Dataset.COST_AND_USAGE) -> list[dict[str, object]]:
    view = own.at(own.version())
    frame = view.commitments() if table == "commitments" else view.invoices()
    return frame.filter(pl.col("dataset") == dataset.value).sort(pl.all()).collect().to_dicts()


def _invoice(amount: str, digest: str = "1", source: str = "aws") -> NewRecords:
    frame = pl.DataFrame(
        {"InvoiceId": ["I"], "BilledCost": [Decimal(amount)], "BillingCurrency": ["EUR"], "billing_period": [MARCH]},
        schema_overrides={"BilledCost": pl.Decimal(38, 15)},
    )
    return NewRecords("invoices", source, Dataset.INVOICE_DETAIL, frame, digest)


def _used(amount: str = "1", status: str = "Used", **columns: Any) -> dict[str, object]:
    own: dict[str, Any] = {
        "CommitmentDiscountId": ARN,
        "CommitmentDiscountStatus": status,
        "CommitmentDiscountType": "Savings Plan",
    }
    return line(amount, **{**own, **columns})


def test_every_column_of_the_datasets_has_its_place_and_type() -> None:
    for dataset, table in TABLE_OF.items():
        for name, column in focus_columns(dataset.title).items():
            assert SCHEMAS[table][name] == column.polars_type, name


def test_costs_tell_commitments_and_invoices_month_by_month(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill = rows(
        _used("1", x_CommitmentPeriodStart="2026-01-01T00:00:00Z", SubAccountId="member", InvoiceId="I-3"),
        _used("2", "Unused", x_CommitmentPeriodEnd="2027-01-01T00:00:00.000Z", SubAccountId="owner", InvoiceId="I-3"),
        _used("3", period=APRIL, SubAccountId="owner"),
        line("7", ChargeCategory="Tax", InvoiceId="I-3"),
        line("5", InvoiceId="I-4", currency="USD"),
    )
    own.replace(delivery(bill), run())
    assert own.replace_records("aws", [], run()) == []
    march, april = _of(own, "commitments")
    assert march["ContractCommitmentId"] == ARN
    assert (march["x_UsedCost"], march["x_UnusedCost"]) == (2, 4)
    assert march["SubAccountId"] == "owner"  # what lies idle is its owner's, what is used may be anybody's
    assert march["ContractCommitmentPeriodStart"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert march["ContractCommitmentPeriodEnd"] == datetime(2027, 1, 1, tzinfo=UTC)
    assert (april["x_UsedCost"], april["ContractCommitmentPeriodEnd"]) == (6, None)
    invoiced = {
        (r["InvoiceId"], r["ChargeCategory"], r["BillingCurrency"]): r["BilledCost"] for r in _of(own, "invoices")
    }
    assert invoiced == {("I-3", "Usage", "EUR"): 3, ("I-3", "Tax", "EUR"): 7, ("I-4", "Usage", "USD"): 5}


def _applied(*elements: str, array: str = "Elements") -> str:
    return f'{{"{array}":[{",".join(elements)}]}}'


HALF = '{"ContractId":"c","ContractCommitmentId":"macc","ContractCommitmentAppliedCost":0.5,"x_Left":{}}'
OLD = '{"ContractCommitmentID":"macc","ContractCommitmentAppliedCost":"1.25","ContractCommitmentAppliedQuantity":null}'
HOURS = (
    '{"ContractCommitmentId":"hours","ContractCommitmentAppliedQuantity":10,'
    '"ContractCommitmentAppliedUnit":"compute_hours"}'
)


def test_contract_applied_links_charges_to_their_commitments(tmp_path: Path) -> None:
    own = lake(tmp_path)
    bill = rows(
        line("1", ContractApplied=_applied(HALF, HOURS), SubAccountId="a", BillingAccountId="b"),
        line(
            "2", day=5, ContractApplied=_applied(OLD, array="ContractApplied"), SubAccountId="a", BillingAccountId="b"
        ),
        line("3", currency="USD", ContractApplied=f"[{HALF}]"),
        line("4", ContractApplied='{"x_BalanceSource":"capacity"}'),
        line("5", ContractApplied=None),
        _used("6", ContractApplied=_applied(HALF.replace("macc", ARN))),
    )
    own.replace(delivery(bill), run())
    assert own.replace_records("aws", [], run()) == []
    found = {(one["ContractCommitmentId"], one["BillingCurrency"]): one for one in _of(own, "commitments")}
    assert found.keys() == {("macc", "EUR"), ("macc", "USD"), ("hours", "EUR"), (ARN, "EUR")}
    macc, hours, plan = found["macc", "EUR"], found["hours", "EUR"], found[ARN, "EUR"]
    assert (macc["x_AppliedCost"], macc["x_AppliedQuantity"], macc["ContractId"]) == (Decimal("1.75"), None, "c")
    assert (macc["BillingAccountId"], macc["SubAccountId"]) == ("b", None)  # of charges that it pays for, not its own
    assert macc["x_LastChargePeriodEnd"] == datetime(2026, 3, 6, tzinfo=UTC)
    assert (hours["x_AppliedCost"], hours["x_AppliedQuantity"], hours["ContractCommitmentUnit"]) == (
        *(None, 10),
        "compute_hours",
    )
    assert (plan["x_UsedCost"], plan["x_AppliedCost"], plan["ContractCommitmentType"]) == (
        12,
        Decimal("0.5"),
        "Savings Plan",
    )


YEAR, THREE_YEARS = datetime(2027, 2, 28, tzinfo=UTC), datetime(2029, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("term", "ends"),
    [
        *(("12", YEAR), ("P1Y", YEAR), ("12Months", YEAR), ("36", THREE_YEARS), ("3 Years", THREE_YEARS)),
        *(("soon", None), (None, None)),
    ],
)
def test_a_purchase_and_its_months_tell_the_term(tmp_path: Path, term: str | None, ends: datetime | None) -> None:
    own = lake(tmp_path)
    bought = line(
        "100", period=date(2026, 2, 1), day=28, ChargeCategory="Purchase", ChargeFrequency="One-Time",
        CommitmentDiscountId=ORDER, x_SkuTerm=term,
    )  # fmt: skip
    own.replace(delivery(rows(bought)), run())
    own.heal()
    [found] = _of(own, "commitments")
    assert (found["ContractCommitmentPeriodEnd"], found["BilledCost"]) == (ends, 100)
    assert found["ContractCommitmentPeriodStart"] == datetime(2026, 2, 28, tzinfo=UTC)


def test_monthly_payments_tell_no_start(tmp_path: Path) -> None:
    own = lake(tmp_path)
    paid = line("9", ChargeCategory="Purchase", ChargeFrequency="Recurring", CommitmentDiscountId=ORDER, x_SkuTerm="12")
    own.replace(delivery(rows(paid)), run())
    own.heal()
    [found] = _of(own, "commitments")
    assert (found["ContractCommitmentPeriodStart"], found["ContractCommitmentPeriodEnd"]) == (None, None)


def test_a_restated_month_replaces_what_was_derived_of_it_alone(tmp_path: Path) -> None:
    clock = StoppedClock()
    own = lake(tmp_path, clock=clock)
    own.replace(delivery(rows(_used("1", InvoiceId="I"), _used("3", period=APRIL, InvoiceId="J"))), run())
    own.replace_records("aws", [_invoice("4")], run())
    before = own.version()
    clock.moment += timedelta(days=1)
    own.replace(delivery(rows(_used("5", InvoiceId="I")), "b"), run())
    assert own.replace_records("aws", [_invoice("4")], run()) == []  # the delivered rows are those of before
    assert [row["x_UsedCost"] for row in _of(own, "commitments")] == [10, 6]
    assert [row["BilledCost"] for row in _of(own, "invoices", Dataset.INVOICE_DETAIL)] == [4]
    then = own.at(before).commitments().sort("billing_period").collect()
    assert then["x_UsedCost"].to_list() == [2, 6]
    [known] = own.known_at([START + timedelta(hours=1)])
    assert known is not None
    assert (known.commitments, known.invoices) == (before.commitments, before.invoices)


def test_one_collection_is_one_commit_a_table_and_nothing_new_is_none(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(_used(InvoiceId="I"))), run())
    own.replace_records("aws", [_invoice("4")], run())
    assert (own.version().commitments, own.version().invoices) == (0, 0)
    own.replace_records("aws", [_invoice("4")], run())
    assert list(own.heal()) == []
    assert (own.version().commitments, own.version().invoices) == (0, 0)
    assert own.record_digests("aws").keys() == {
        ("commitments", "CostAndUsage"), ("invoices", "CostAndUsage"), ("invoices", "InvoiceDetail"),
    }  # fmt: skip


def test_a_lake_of_before_is_brought_up_at_the_next_start(tmp_path: Path) -> None:
    lake(tmp_path).replace(delivery(rows(_used(InvoiceId="I"))), run())
    own = lake(tmp_path)
    assert own.version().commitments is None
    assert list(own.heal()) == ["derived commitments and invoices of 1 source"]
    assert len(_of(own, "commitments")) == 1


@pytest.mark.parametrize(
    "damage", ["folder lost", "folder is a file", "log lost", "commits are no JSON", "files lost", "files shortened"]
)
def test_a_damaged_table_is_named_and_made_anew(tmp_path: Path, damage: str) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(_used(InvoiceId="I"))), run())
    own.replace_records("aws", [_invoice("4")], run())
    own.replace_records("gcp", [_invoice("5", source="gcp")], run())
    before = _of(own, "invoices")
    DAMAGES[damage](tmp_path / "lake" / "invoices")
    broken = lake(tmp_path)
    faults = broken.faults(broken.version()).invoices
    assert faults.keys() == ({"aws", "gcp"} if damage.startswith("files") else {""} if faults else set())
    assert all("invoices" in why and "finops lake rebuild" in why for why in faults.values())
    broken.heal()
    said = broken.rebuild(lambda _done, _all: None)
    assert "derived commitments and invoices of 1 source" in said
    assert _of(broken, "invoices") == before
    assert list(broken.heal()) == []
    for source, amount in (("aws", "4"), ("gcp", "5")):  # what was lost of it, the next collection brings again
        broken.replace_records(source, [_invoice(amount, source=source)], run())
    assert [r["BilledCost"] for r in _of(broken, "invoices", Dataset.INVOICE_DETAIL)] == [4, 5]


def test_rows_of_another_program_are_named(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_records("aws", [_invoice("4")], run())
    table = str(tmp_path / "lake" / "invoices")
    pl.read_delta(table).write_delta(table, mode="append")
    faults = own.faults(own.version())
    assert faults.invoices.keys() == {"aws"}
    assert "another program has added rows to the table 'invoices': 1 row of" in faults.invoices["aws"]
    assert own.at(own.version(), without=faults).invoices().collect().is_empty()


def test_compacting_forgets_nothing(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace_records("aws", [_invoice("4")], run())
    own.compact()
    own.heal()
    assert own.replace_records("aws", [_invoice("4")], run()) == []


def test_dimensions_are_worked_out_of_a_commitments_labels(tmp_path: Path) -> None:
    own = lake(tmp_path)
    own.replace(delivery(rows(_used())), run())
    own.heal()
    [found] = _of(own, "commitments")
    assert found["team"] is None  # the test's dimension is a tag, and commitments have none
