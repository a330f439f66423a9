"""Configured dimensions as expressions over conformed rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256

import polars as pl

from finops.conditions import parse, tag_value
from finops.model.columns import Columns
from finops.model.dimension import Dimension, Else, FromTags, Step, When


class Dimensions:
    """The port ``finops.ports.lake.DimensionColumns``. A dimension without any step that holds is null."""

    def __init__(self, definitions: Sequence[Dimension], columns: Columns) -> None:
        """``columns``: what conditions may name. Raises ``finops.conditions.ConditionFaults`` for a bad condition."""
        self.names = tuple(definition.name for definition in definitions)
        self.digest = _digest(definitions)
        needed: set[str] = set()
        expressions = []
        for definition in definitions:
            steps = [_step(step, columns, needed) for step in definition.steps]
            expression = pl.coalesce(steps) if steps else pl.lit(None, pl.String)
            expressions.append(expression.cast(pl.String).alias(definition.name))
        self.required_columns = frozenset(needed)
        self._expressions = tuple(expressions)

    def expressions(self) -> Sequence[pl.Expr]:
        """One String expression a dimension, aliased to its name; over ``required_columns``."""
        return self._expressions


def _step(step: Step, columns: Columns, needed: set[str]) -> pl.Expr:
    """The step's value, null where it gives none."""
    if isinstance(step, FromTags):
        needed.add("Tags")
        return pl.coalesce([_set_tag(key) for key in step.keys])
    if isinstance(step, When):
        condition = parse(step.condition, columns)
        needed.update(condition.required_columns)
        return pl.when(condition.expression()).then(pl.lit(step.value))
    return pl.lit(step.value)


def _set_tag(key: str) -> pl.Expr:
    """A tag's value; null where it is not set or blank."""
    value = tag_value(key)
    return pl.when(value.str.strip_chars() != "").then(value)


def _digest(definitions: Sequence[Dimension]) -> str:
    kinds: dict[type[Step], str] = {FromTags: "tags", When: "when", Else: "else"}
    plain = [
        {"name": definition.name, "steps": [[kinds[type(step)], asdict(step)] for step in definition.steps]}
        for definition in definitions
    ]
    return f"sha256:{sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()}"
