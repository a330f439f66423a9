"""The files of the demo hold what the oracle expects."""

from __future__ import annotations

import csv
import shutil
from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from finops.conditions import parse
from finops.demo import restate, write_demo
from finops.demo.agreements import AGREED_SPEND, FILE
from finops.demo.catalogue import RESERVATION
from finops.errors import BadArguments, NotFound
from finops.focus.schema import condition_columns
from tests.support.demo_truth import truth_of
from tests.unit.demo.conftest import Demo
from tests.unit.demo.reading import exact_sum, read

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


@pytest.mark.parametrize("source", ["azure", "datacentre", "ai"])
def test_sums_of_text_bills_are_true_to_the_last_digit(demo: Demo, source: str) -> None:
    restated = demo.folder / demo.truth.restatement.file
    for path, (month, truth) in zip(demo.files(source), demo.truth.sources[source].items(), strict=True):
        sums = demo.truth.restatement.before.sums if path == restated else truth.sums
        for cost in COSTS:
            assert exact_sum(path, cost).item() == sums[cost], (month, cost)


def test_sums_of_the_parquet_bill_are_true_as_far_as_doubles_go(demo: Demo) -> None:
    for path, truth in zip(demo.files("aws"), demo.truth.sources["aws"].values(), strict=True):
        frame = read(path)
        assert frame.height == truth.rows
        for cost in COSTS:
            assert frame[cost].sum() == pytest.approx(float(truth.sums[cost]), abs=1e-6)


def test_the_configured_dimensions_and_the_rates_give_the_months_of_the_truth(demo: Demo, tmp_path: Path) -> None:
    copy = Demo(shutil.copytree(demo.folder, tmp_path / "demo"), demo.truth)
    restate(copy.folder)
    paths = [path for source in demo.truth.sources for path in copy.files(source)]
    rows = pl.concat([_costs(path) for path in paths]).with_columns(team=_team(demo.folder))
    days = rows.group_by("team", "day", "length", "BillingCurrency", "tax").agg(pl.col("EffectiveCost").sum())
    rate = _rates(demo.folder / "rates.csv")
    spend: defaultdict[tuple[date, str, bool], float] = defaultdict(float)
    for team, first, length, currency, tax, cost in days.iter_rows():
        for day in (first + timedelta(days=offset) for offset in range(length)):
            spend[day.replace(day=1), team, tax] += cost / length / (rate(day) if currency == "USD" else 1)

    for tax, truth in ((False, demo.truth.months), (True, demo.truth.tax)):
        for month, teams in truth.items():
            for team, amount in teams.items():
                assert spend[month, team, tax] == pytest.approx(float(amount), abs=0.01), (month, team)


def _costs(path: Path) -> pl.DataFrame:
    length = (pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")).dt.total_days().alias("length")
    return read(path).select(
        "SubAccountId",
        "SubAccountName",
        "Tags",
        "BillingCurrency",
        "EffectiveCost",
        length,
        pl.col("ChargePeriodStart").dt.date().alias("day"),
        (pl.col("ChargeCategory") == "Tax").alias("tax"),
    )


def _team(folder: Path) -> pl.Expr:
    steps = YAML(typ="safe").load((folder / "finops.yaml").read_text(encoding="utf-8"))["dimensions"]["team"]
    values = [pl.col("Tags").str.json_path_match(f"$.{key}") for key in steps[0]["tags"]]
    for step in steps[1:-1]:
        condition = parse(step["when"], condition_columns())
        values.append(pl.when(condition.expression()).then(pl.lit(step["value"])))
    return pl.coalesce(*values, pl.lit(steps[-1]["else"]))


def _rates(path: Path) -> Any:
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    quotes = {date.fromisoformat(row["Date"]): float(row["USD"]) for row in rows}
    days = sorted(quotes)
    assert [row["Date"] for row in rows] == sorted((row["Date"] for row in rows), reverse=True)
    assert all(day.weekday() < 5 for day in days)
    return lambda day: quotes[days[bisect_right(days, day) - 1]]


def test_the_restatement_lowers_the_bill(demo: Demo) -> None:
    assert demo.truth.until == date(2026, 11, 22)
    assert demo.truth.restatement.restated["EffectiveCost"] < 0


def test_teams_spend_what_the_starter_budgets_were_made_for(demo: Demo) -> None:
    october = demo.truth.months[date(2026, 10, 1)]
    pace = {budget.team: budget.pace for budget in demo.truth.budgets}

    assert 0.04 < october["unallocated"] / sum(october.values()) < 0.08
    assert pace["checkout"] == pytest.approx(1.27, abs=0.06)
    assert pace["ml"] is not None
    assert pace["ml"] > 1.2
    for team in ("search", "platform", "data"):
        known = pace[team]
        assert known is not None
        assert known < 1.05


def test_the_restated_month_is_delivered_twice(tmp_path: Path) -> None:
    truth = truth_of(write_demo(tmp_path, until=date(2026, 6, 2), days=40))
    file = tmp_path / truth.restatement.file
    before = exact_sum(file, "EffectiveCost").item()

    assert restate(tmp_path) == file
    after = exact_sum(file, "EffectiveCost").item()
    again = restate(tmp_path).stat().st_mtime_ns

    assert after - before == truth.restatement.restated["EffectiveCost"]
    assert after - before < -50
    assert file.stat().st_mtime_ns == again
    assert (
        read(file)
        .filter((pl.col("ListCost") - pl.col("ListUnitPrice") * pl.col("PricingQuantity")).abs() > 1e-6)
        .is_empty()
    )


def test_tokens_are_those_of_the_bill_and_a_missing_day_is_missing(demo: Demo) -> None:
    tokens = pl.read_csv(demo.folder / "demand" / "tokens.csv", try_parse_dates=True)
    billed = pl.concat([read(path).select("ChargePeriodStart", "ConsumedQuantity") for path in demo.files("ai")])
    visitors = pl.read_csv(demo.folder / "demand" / "visitors.csv", try_parse_dates=True)
    orders = pl.read_csv(demo.folder / "demand" / "orders.csv", try_parse_dates=True)

    by_day = billed.group_by(pl.col("ChargePeriodStart").dt.date().alias("day")).agg(pl.col("ConsumedQuantity").sum())
    joined = tokens.join(by_day, on="day")
    assert joined.height == demo.truth.days
    assert joined.filter((pl.col("value") - pl.col("ConsumedQuantity")).abs() > 1).is_empty()
    assert set(orders["day"]) - set(visitors["day"]) == {date(2026, 11, 5)}
    assert (visitors["value"] > 0).all()
    assert set(pl.read_csv(demo.folder / "demand" / "requests.csv")["product"]) == {
        "storefront",
        "insights",
        "assistant",
    }


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "real.csv").write_text("mine", encoding="utf-8")

    with pytest.raises(BadArguments, match="not created by the demo"):
        write_demo(tmp_path, until=date(2026, 6, 2), days=40)
    assert (tmp_path / "bills" / "real.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("days", [0, 39, 1501])
def test_too_few_and_too_many_days_are_refused(tmp_path: Path, days: int) -> None:
    with pytest.raises(BadArguments, match="40 to 1500"):
        write_demo(tmp_path / "demo", until=date(2026, 6, 2), days=days)
    assert not (tmp_path / "demo").exists()


def test_there_is_nothing_to_restate_where_no_demo_is(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="finops demo"):
        restate(tmp_path)


def test_one_agreement_ends_soon_and_commitments_cost_what_their_bills_say(demo: Demo) -> None:
    files = [demo.folder / "bills" / name / FILE for name in ("aws", "azure")]
    rows = pl.concat([pl.read_csv(file, try_parse_dates=True) for file in files], how="vertical_relaxed")
    ends = {row["ContractCommitmentId"]: row["ContractCommitmentPeriodEnd"].date() for row in rows.to_dicts()}
    soon = {one for one, end in ends.items() if end - demo.truth.until < timedelta(days=60)}
    assert soon == {AGREED_SPEND}
    assert ends[AGREED_SPEND] - demo.truth.until == timedelta(days=45)

    bill = pl.concat([read(file) for file in demo.files("azure")])
    bought = bill.filter(pl.col("CommitmentDiscountId") == RESERVATION, pl.col("ChargeCategory") == "Purchase")
    cost = rows.filter(pl.col("ContractCommitmentId") == RESERVATION)["ContractCommitmentCost"].item()
    assert cost == pytest.approx(float(bought["BilledCost"].sum()))
