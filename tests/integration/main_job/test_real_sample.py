"""The real rows of AWS, Microsoft and Oracle, to the last digit, from the file to the verdict."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl

from tests.integration.main_job.conftest import Finops
from tests.support.sample import SAMPLE

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def sums_of_file() -> dict[str, dict[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COSTS, Decimal(0)))
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for cost in COSTS:
                if row[cost] != "NULL":
                    sums[row["ProviderName"]][cost] += Decimal(row[cost])
    return dict(sums)


def test_every_cost_equals_the_file(folder: Path, finops: Finops) -> None:
    finops("collect")
    costs = pl.read_delta(str(folder / "lake" / "costs"))
    assert costs.height == 1000
    by_provider = costs.group_by("ServiceProviderName").agg(pl.col(*COSTS).sum()).to_dicts()
    found = {row["ServiceProviderName"]: {cost: row[cost] for cost in COSTS} for row in by_provider}
    assert found == sums_of_file()


def test_the_rollup_equals_the_file(folder: Path, finops: Finops) -> None:
    finops("collect")
    daily = pl.read_delta(str(folder / "lake" / "costs_daily"))
    expected = {cost: sum((sums[cost] for sums in sums_of_file().values()), Decimal(0)) for cost in COSTS}
    assert daily.select(pl.col(*COSTS).sum()).to_dicts() == [expected]


def test_a_budget_over_the_month_says_the_sum(finops: Finops) -> None:
    finops("collect")
    answer = finops("evaluate", "--format", "json", "--fail-on", "critical", status=1)
    [finding] = json.loads(answer.stdout)
    expected = sum((sums["EffectiveCost"] for sums in sums_of_file().values()), Decimal(0))
    assert Decimal(finding["amount"]["spent"]) == expected
    assert finding["amount"]["currency"] == "USD"
    assert (finding["state"], finding["severity"]) == ("firing", "critical")


def test_the_same_bytes_twice_make_one_version(folder: Path, finops: Finops) -> None:
    finops("collect")
    first = (folder / "lake" / "costs" / "_delta_log").stat(), sorted((folder / "lake").rglob("*.json"))
    second = finops("collect")
    assert "unchanged" in second.stdout
    assert sorted((folder / "lake").rglob("*.json")) == first[1]


def test_a_restated_file_replaces_its_period_and_shows_the_difference(folder: Path, finops: Finops) -> None:
    finops("collect")
    bill = folder / "bills" / "focus_sample_1000.csv"
    lines = bill.read_text(encoding="utf-8").splitlines(keepends=True)
    header = next(csv.reader([lines[0]]))
    dropped = dict(zip(header, next(csv.reader([lines[1]])), strict=True))
    bill.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    finops("collect")
    costs = pl.read_delta(str(folder / "lake" / "costs"))
    assert costs.height == 999
    total = sum((sums["BilledCost"] for sums in sums_of_file().values()), Decimal(0))
    assert costs["BilledCost"].sum() == total - Decimal(dropped["BilledCost"])
    assert "Restated" in finops("lake", "status").stdout
    assert "every billing period adds up" in finops("lake", "reconcile").stdout


def test_a_bad_cost_refuses_the_file_whole(folder: Path, finops: Finops) -> None:
    finops("collect")
    bill = folder / "bills" / "focus_sample_1000.csv"
    before = sorted((folder / "lake").rglob("*.json"))
    bill.write_text(bill.read_text(encoding="utf-8").replace(",0.00001605990,", ",twelve,", 1), encoding="utf-8")
    answer = finops("collect", status=4)
    for part in ("focus_sample_1000.csv", "row 2", "BilledCost", "twelve"):
        assert part in answer.stdout
    assert sorted((folder / "lake").rglob("*.json")) == before


def test_explain_gives_the_same_value(finops: Finops) -> None:
    finops("collect")
    [finding] = json.loads(finops("evaluate", "--format", "json").stdout)
    explained = finops("explain", finding["id"][:8]).stdout
    assert finding["amount"]["spent"] in explained
    assert finding["reason"] in explained


def test_the_three_formats_agree(finops: Finops) -> None:
    finops("collect")
    assert "september" in finops("evaluate").stdout
    assert '<testcase classname="Budget" name="september">' in finops("evaluate", "--format", "junit").stdout
    assert finops("evaluate", "--policy", "nobody", status=2).stderr
