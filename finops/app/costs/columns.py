"""Columns by the names that people type."""

from __future__ import annotations

import re

import polars as pl

from finops.conditions import tag_value
from finops.documents import did_you_mean
from finops.errors import BadArguments, InvalidValue
from finops.model.columns import Columns

_TAG = re.compile(r"tags\['(.+)'\]", re.IGNORECASE)


def resolved(name: str, columns: Columns) -> str:
    """A dropped FOCUS name as its successor, every other name as it is."""
    return columns.aliases.get(name, name)


def column_of_rows(name: str, columns: Columns, *, where: str) -> pl.Expr:
    """A column of single rows or a tag, over ``LakeView.costs_by_day``. Raises ``BadArguments`` at ``where``."""
    own = resolved(name, columns)
    if own in columns.types:
        return pl.col(own)
    tag = _TAG.fullmatch(name)
    if tag is not None:
        try:
            return tag_value(tag[1])
        except InvalidValue as error:
            raise BadArguments(error.what, where=where, remedy=error.remedy) from error
    raise BadArguments(f"unknown column '{name}'", where=where, remedy=did_you_mean(name, columns.types))
