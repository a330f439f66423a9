"""Every form of a Cost and Usage Report gives the same rows: 2.0, the legacy CSV report, the legacy Parquet report."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from finops.collect.aws.cur import CurConversion, cur2_names, is_cur
from finops.errors import RefusedBatch
from tests.unit.collect.aws.cur_rows import PLAN, as_csv, as_parquet, row
from tests.unit.collect.aws.test_cur_line_items import focus

LINES = [
    row(cost_category={"Product": "shop"}),
    row(resource_tags={}, line_item_resource_id="i-9"),
    row(
        line_item_line_item_type="SavingsPlanRecurringFee",
        savings_plan_savings_plan_a_r_n=PLAN,
        savings_plan_total_commitment_to_date=10.0,
        savings_plan_used_commitment=9.0,
    ),
]
PREFIXES = (
    *("bill", "identity", "line_item", "pricing", "product", "reservation", "savings_plan", "split_line_item"),
    "capacity_reservation",
)
MAPS = ("resource_tags", "cost_category", "product", "discount", "tags")


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def slashed(name: str) -> str:
    """``line_item_unblended_cost`` -> ``lineItem/UnblendedCost``, ``product_sku`` -> ``product/sku``."""
    prefix = next(prefix for prefix in sorted(PREFIXES, key=len, reverse=True) if name.startswith(f"{prefix}_"))
    rest = camel(name.removeprefix(f"{prefix}_"))
    return f"{camel(prefix)}/{rest if prefix in {'product', 'pricing'} else rest[0].upper() + rest[1:]}"


def legacy_csv(lines: list[dict[str, Any]]) -> pl.DataFrame:
    """One column a tag, a cost category and a property of the product."""
    frame = as_csv(lines)
    spread = {
        "resourceTags/user:team": ["checkout", "", "checkout"],
        "costCategory/Product": ["shop", "", ""],
        "product/ProductName": ["Amazon Elastic Compute Cloud"] * 3,
    }
    return frame.drop(MAPS).rename(slashed).with_columns(pl.Series(name, found) for name, found in spread.items())


def legacy_parquet(lines: list[dict[str, Any]]) -> pl.DataFrame:
    spread: dict[str, list[str | None]] = {
        "resource_tags_user_team": ["checkout", None, "checkout"],
        "cost_category_product": ["shop", None, None],
        "product_product_name": ["Amazon Elastic Compute Cloud"] * 3,
    }
    return as_parquet(lines).drop(MAPS).with_columns(pl.Series(name, found) for name, found in spread.items())


@pytest.mark.parametrize("form", [legacy_csv, legacy_parquet])
def test_a_legacy_report_gives_the_rows_of_the_new_one(form: Any) -> None:
    assert is_cur(form(LINES).columns)
    legacy, new = focus(form(LINES)), focus(as_parquet(LINES))
    maps = ("x_CostCategories", "x_Discounts")
    assert legacy.drop(maps).equals(new.drop(maps).with_columns(Tags=legacy["Tags"]))
    assert legacy["Tags"].to_list() == [
        '{"team":"checkout"}',
        legacy["Tags"][1],
        '{"team":"checkout"}',
        legacy["Tags"][3],
    ]
    assert legacy["Tags"][1] in (None, "{}")


def test_costs_of_a_legacy_report_keep_their_categories() -> None:
    assert focus(legacy_csv(LINES))["x_CostCategories"][0] == '{"Product":"shop"}'
    assert focus(legacy_parquet(LINES))["x_CostCategories"][0] == '{"product":"shop"}'


def test_a_report_under_its_new_names_stays_as_it_is() -> None:
    frame = as_parquet(LINES)
    assert cur2_names(frame.lazy()).collect().equals(frame)


@pytest.mark.parametrize(
    ("legacy", "new"),
    [
        ("lineItem/UnblendedCost", "line_item_unblended_cost"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("savingsPlan/NetSavingsPlanEffectiveCost", "savings_plan_net_savings_plan_effective_cost"),
        ("product/Region Code (new)", "product_region_code_new"),
        ("x_own", "x_own"),
    ],
)
def test_names_follow_the_rule_for_athena(legacy: str, new: str) -> None:
    assert cur2_names(pl.LazyFrame({legacy: ["1"]})).collect_schema().names() == [new]


def test_columns_that_differ_only_by_their_spelling_are_one() -> None:
    raw = pl.LazyFrame({"product/instanceType": [None, "a"], "product/instance type": ["b", None]})
    assert cur2_names(raw).collect().to_dict(as_series=False) == {"product_instance_type": ["b", "a"]}


def test_a_legacy_report_without_costs_of_an_account_names_what_is_missing() -> None:
    with pytest.raises(RefusedBatch, match="lacks bill_billing_period_end_date"):
        CurConversion("report.csv", pl.Schema({"lineItem/UnblendedCost": pl.String()}))
