"""Column names of every Cost and Usage Report -> those of CUR 2.0."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

import polars as pl

from finops.collect.aws.cur.columns import COST

_LEGACY_COST = "lineItem/UnblendedCost"
_MAPS = ("resource_tags", "cost_category")
"""Map columns of CUR 2.0 for which the legacy report, and a query of single keys, have one column a key."""


def is_cur(columns: Collection[str]) -> bool:
    """Whether these are the columns of a Cost and Usage Report, 2.0 or legacy."""
    return COST in columns or _LEGACY_COST in columns


def cur2_names(raw: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of any Cost and Usage Report under the names of CUR 2.0.

    ``raw``: a CUR 2.0, whose maps are gathered where its query selected single keys; a legacy CSV report
    (``lineItem/UnblendedCost``, ``resourceTags/user:team``, ``product/instanceType``); or a legacy Parquet report, with
    names that AWS adapted to Athena (``line_item_unblended_cost``, ``resource_tags_user_team``). Values keep their
    types. Columns of tags and cost categories become the lists of keys and values ``resource_tags`` and
    ``cost_category``, without empty values. Columns that nothing is known of pass unchanged.

    ``CurConversion`` calls it itself, so that a caller only needs::

        if is_cur(schema := raw.collect_schema()):
            rows = CurConversion("report.csv", schema).rows(raw)

    The names follow AWS's rule for Athena: https://docs.aws.amazon.com/cur/latest/userguide/cur-ate-run.html (an
    underscore before each capital letter, lower case, one underscore for anything else).
    """
    names = raw.collect_schema().names()
    keys = _keys(names)
    sources: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if not any(name in found for found in keys.values()):
            sources[_athena(name) if "/" in name else name].append(name)
    if not any(keys.values()) and all(found == [name] for name, found in sources.items()):
        return raw
    columns = {name: pl.coalesce(found) if len(found) > 1 else pl.col(found[0]) for name, found in sources.items()}
    maps = {
        name: pairs({key: pl.col(column) for column, key in found.items()}) for name, found in keys.items() if found
    }
    return raw.select(**columns, **maps)


def _keys(names: Collection[str]) -> dict[str, dict[str, str]]:
    """Map column of CUR 2.0 -> column of the report -> key, for maps that the report does not have as a column."""
    return {column: _keys_of(column, names) for column in _MAPS if column not in names}


def _keys_of(column: str, names: Collection[str]) -> dict[str, str]:
    legacy = re.sub(r"_([a-z])", lambda match: match[1].upper(), column)  # resourceTags, costCategory
    prefixes = (f"{legacy}/", f"{column}_")
    return {name: name[len(prefix) :] for name in names for prefix in prefixes if name.startswith(prefix)}


def _athena(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([A-Z])", r"_\1", name).lower()).strip("_")


def pairs(values: Mapping[str, pl.Expr]) -> pl.Expr:
    """A list of structs with key and value; a tag that is not set is an empty value in CSV and null in Parquet."""
    found = [pl.struct(key=pl.lit(key), value=value.cast(pl.String)) for key, value in values.items()]
    value = pl.element().struct.field("value")
    return pl.concat_list(found).list.eval(pl.element().filter(value.is_not_null() & (value != "")))
