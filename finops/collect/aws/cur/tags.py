"""Tags, and the provider's own columns under the names that AWS's FOCUS export gives them."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur

_USER_KEY = r"^user[_:]"
_USER_KEY_IN_JSON = r'([{,]\s*)"user[_:]'  # a quote inside a value is escaped, so this matches at keys only


def tags(cur: Cur) -> pl.Expr:
    """``resource_tags`` with the keys as people gave them: without AWS's prefix ``user_``; AWS's own keep ``aws_``."""
    if not cur.has("resource_tags"):
        return pl.lit(None, pl.String)
    column = pl.col("resource_tags")
    if cur.schema["resource_tags"] == pl.String:
        return column.str.replace_all(_USER_KEY_IN_JSON, '${1}"')
    pairs = column.map.entries() if isinstance(cur.schema["resource_tags"], pl.Map) else column
    element = pl.element().struct
    key = element.field("key").str.replace(_USER_KEY, "").alias("key")
    return pairs.list.eval(pl.struct(key, element.field("value")))


def provider_columns(cur: Cur) -> dict[str, pl.Expr]:
    """``x_`` columns: what FOCUS has no place for and people ask for."""
    return {
        "x_BillType": cur.text("bill_bill_type"),
        "x_CostCategories": _filled(cur, "cost_category"),
        "x_Discounts": _filled(cur, "discount"),
        "x_LineItemType": cur.text("line_item_line_item_type"),
        "x_Operation": cur.text("line_item_operation"),
        "x_ServiceCode": cur.text("line_item_product_code"),
        "x_UsageType": cur.text("line_item_usage_type"),
    }


def _filled(cur: Cur, name: str) -> pl.Expr:
    """A map as it is; in text formats an empty one is nothing, as in Parquet."""
    raw = cur.raw(name)
    return pl.when(raw != "{}").then(raw) if cur.schema.get(name) == pl.String else raw
