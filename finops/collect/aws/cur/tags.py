"""Tags, and the provider's own columns under the names that AWS's FOCUS export gives them."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur
from finops.collect.aws.cur.names import pairs

_KEY = {"resource_tags": r"user[_:]", "tags": r"resourceTags/(?:user:)?"}
"""What AWS writes before the keys that people gave their resources, by column."""

_OTHERS = r"resourceTags/((?:user:)?(?:resourceTags|accountTag|costCategory|userAttribute|iamPrincipal)/)"
"""A resource's tag whose own key looks like one of something else keeps what AWS wrote before it."""

_KEPT = "\0"
_AT_KEY = r'([{,]\s*)"'
"""Before a key in JSON: a quote inside a value is escaped, so this matches at keys only."""


def tags(cur: Cur) -> pl.Expr:
    """``tags`` or else ``resource_tags``, with the resource's keys as people gave them.

    ``tags`` holds the tags of resources, accounts and users and the cost categories, each kind under a prefix of its
    own. Those of resources lose it, the others keep it, so that none replaces another:
    https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-tag-columns.html. Without ``tags``, AWS's own
    keys keep ``aws_`` (``aws:`` in a legacy report), and those of people lose ``user_`` (``user:``).
    """
    found = {name: _named(cur, name) for name in ("tags", "resource_tags") if cur.has(name)}
    if len(found) < 2 or cur.schema["tags"] != cur.schema["resource_tags"]:
        return next(iter(found.values()), pl.lit(None, pl.String))
    is_text = cur.schema["tags"] == pl.String
    has_any = ~pl.col("tags").is_in(["", "{}"]) if is_text else found["tags"].list.len() > 0
    return pl.when(has_any).then(found["tags"]).otherwise(found["resource_tags"])


def _named(cur: Cur, name: str) -> pl.Expr:
    column, dtype, prefix = pl.col(name), cur.schema[name], _KEY[name]
    if dtype == pl.String:
        if name == "tags":
            column = column.str.replace_all(_AT_KEY + _OTHERS, f'${{1}}"{_KEPT}$2')
            stripped = column.str.replace_all(_AT_KEY + prefix, '${1}"')
            return stripped.str.replace_all(f'"{_KEPT}', '"resourceTags/', literal=True)
        return column.str.replace_all(_AT_KEY + prefix, '${1}"')
    if isinstance(dtype, pl.Struct):
        found = pairs({field.name: column.struct.field(field.name) for field in dtype.fields})
    else:
        found = column.map.entries() if isinstance(dtype, pl.Map) else column
    pair = pl.element().struct
    key = pair.field("key").cast(pl.String)
    if name == "tags":
        key = pl.when(key.str.contains(f"^{_OTHERS}")).then(key).otherwise(key.str.replace(f"^{prefix}", ""))
    else:
        key = key.str.replace(f"^{prefix}", "")
    return found.list.eval(pl.struct(key.alias("key"), pair.field("value")))


def provider_columns(cur: Cur) -> dict[str, pl.Expr]:
    """``x_`` columns: what FOCUS has no place for and people ask for."""
    return {
        "x_BillType": cur.text("bill_bill_type"),
        "x_CostCategories": _filled(cur, "cost_category"),
        "x_Discounts": _filled(cur, "discount"),
        "x_LineItemType": cur.text("line_item_line_item_type"),
        "x_Operation": cur.text("line_item_operation"),
        "x_Principal": pl.coalesce(cur.text("line_item_iam_principal"), cur.text("line_item_user_identifier")),
        "x_ServiceCode": cur.text("line_item_product_code"),
        "x_UsageType": cur.text("line_item_usage_type"),
        "x_UserIdentifier": cur.text("line_item_user_identifier"),
        **_split_columns(cur),
    }


def _split_columns(cur: Cur) -> dict[str, pl.Expr]:
    """What split cost allocation gives a container of what an instance costs.

    The instance's own line keeps its cost, and the lines of its containers cost nothing, so nothing counts twice.
    """
    if not cur.has("split_line_item_split_cost"):
        return {}
    shares = {"x_SplitCost": "split_cost", "x_SplitUnusedCost": "unused_cost"}
    return {
        "x_SplitParentResourceId": cur.text("split_line_item_parent_resource_id"),
        **{
            name: pl.coalesce(cur.exact(f"split_line_item_net_{share}"), cur.exact(f"split_line_item_{share}"))
            for name, share in shares.items()
        },
    }


def _filled(cur: Cur, name: str) -> pl.Expr:
    """A map as it is; in text formats an empty one is nothing, as in Parquet."""
    raw = cur.raw(name)
    return pl.when(raw != "{}").then(raw) if cur.schema.get(name) == pl.String else raw
