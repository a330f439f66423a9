"""The real sample (AWS, Microsoft, Oracle; see tests/data/SOURCE.md) conforms to the last digit."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest

from finops.collect.files import FocusFiles
from finops.focus.delivery import deliver
from finops.ports.lake import COSTS, Tally
from tests.support.sample import SAMPLE


@pytest.fixture(scope="module")
def raw() -> list[dict[str, str]]:
    with SAMPLE.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def collected() -> tuple[pl.DataFrame, Tally]:
    offers = FocusFiles("bills", [SAMPLE.name], base=SAMPLE.parent).discover({}).offers
    delivery = deliver("bills", offers)
    return delivery.rows.collect(engine="streaming"), delivery.verify()


def decimals(rows: list[dict[str, str]], cost: str) -> Decimal:
    return sum((Decimal(row[cost]) for row in rows if row[cost] != "NULL"), Decimal(0))


@pytest.mark.parametrize("cost", COSTS)
def test_the_sums_are_the_file_s_own(
    raw: list[dict[str, str]], collected: tuple[pl.DataFrame, Tally], cost: str
) -> None:
    rows, _ = collected
    assert rows[cost].sum() == decimals(raw, cost)
    by_provider = dict(rows.group_by("ServiceProviderName").agg(pl.col(cost).sum()).iter_rows())
    assert by_provider == {
        provider: decimals([row for row in raw if row["ProviderName"] == provider], cost)
        for provider in ("AWS", "Microsoft", "Oracle")
    }


def test_every_row_arrives_once_in_its_period(raw: list[dict[str, str]], collected: tuple[pl.DataFrame, Tally]) -> None:
    rows, tally = collected
    assert tally.rows == rows.height == len(raw) == 1000
    starts = Counter(row["BillingPeriodStart"][:10] for row in raw)
    assert dict(rows["billing_period"].cast(pl.String).value_counts().iter_rows()) == starts
    assert sorted(rows["x_Id"]) == sorted(row["Id"] for row in raw)


@pytest.mark.parametrize("column", ["BillingAccountId", "SubAccountId", "SkuId", "PublisherName", "ChargeDescription"])
def test_texts_are_untouched(raw: list[dict[str, str]], collected: tuple[pl.DataFrame, Tally], column: str) -> None:
    rows, _ = collected
    expected = {row["Id"]: None if row[column] in ("", "NULL") else row[column] for row in raw}
    own = "x_PublisherName" if column == "PublisherName" else column
    assert dict(rows.select("x_Id", own).iter_rows()) == expected


def test_what_was_repaired_is_counted(raw: list[dict[str, str]], collected: tuple[pl.DataFrame, Tally]) -> None:
    _, tally = collected
    assert tally.repaired["ChargeFrequency: casing"] == 7
    padded = sum('" org"' in row["Tags"] for row in raw)
    assert padded
    assert tally.repaired["Tags: blanks around keys"] == padded
    assert tally.repaired["ChargePeriodStart: no zone, read as UTC"] == 1000
    nulls = {column: sum(row[column] == "NULL" for row in raw) for column in raw[0]}
    counted = {
        kind.partition(": ")[0]: count for kind, count in tally.repaired.items() if kind.endswith(": literal NULL")
    }
    assert counted == {column: count for column, count in nulls.items() if count}
    assert tally.notes == (
        "focus_sample_1000.csv: ContractedCost: is above ListCost in ordinary usage (7 rows)",
        "focus_sample_1000.csv: ContractedCost: is missing, left null (7 rows)",
        "focus_sample_1000.csv: EffectiveCost: is above ContractedCost in ordinary usage (26 rows)",
    )


def test_no_literal_null_is_left(collected: tuple[pl.DataFrame, Tally]) -> None:
    rows, _ = collected
    texts = rows.select(pl.col(pl.String).is_in(["NULL", ""]).any())
    assert not any(texts.row(0))
