"""Whether a condition can hold for rows whose value of one column is not among those that somebody may see.

Proven from the condition's text alone, whatever rows there are: what cannot be proven counts as possible.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

from sqlglot import exp

from finops.conditions.check import operands
from finops.model.columns import Columns

Truth = frozenset[bool | None]
"""What a part of a condition may come to in SQL's logic; None is SQL's unknown."""

_ANYTHING: Truth = frozenset({True, False, None})


def confined(tree: exp.Expr, columns: Columns, column: str, values: Collection[str]) -> bool:
    """Whether every row that satisfies the condition has one of ``values`` in the text column ``column``.

    A column that is only compared with texts for equality cannot tell other texts apart: so it is enough to try each
    text that the condition names, one that it does not name, and no value at all.
    """
    named = {node.name for node in tree.find_all(exp.Literal) if node.is_string}
    unnamed = "".join(sorted({*named, *values})) + "?"  # longer than each of them
    others: set[str | None] = ({*named, unnamed} - set(values)) | {None}
    return not any(True in _possible(tree, columns, column, other) for other in others)


def _possible(node: exp.Expr, columns: Columns, column: str, value: str | None) -> Truth:
    if isinstance(node, exp.Paren):
        return _possible(node.this, columns, column, value)
    if isinstance(node, exp.Not):
        found = _possible(node.this, columns, column, value)
        return frozenset(None if one is None else not one for one in found)
    if isinstance(node, (exp.And, exp.Or)):
        parts = [_possible(part, columns, column, value) for part in operands(node)]
        join = _and if isinstance(node, exp.And) else _or
        found = parts[0]
        for part in parts[1:]:
            found = frozenset(join(one, other) for one, other in product(found, part))
        return found
    if isinstance(node, exp.Boolean):
        return frozenset({bool(node.this)})
    return _compared(node, columns, column, value)


def _compared(node: exp.Expr, columns: Columns, column: str, value: str | None) -> Truth:
    if not isinstance(node.this, exp.Column) or columns.aliases.get(node.this.name, node.this.name) != column:
        return _ANYTHING
    choices = node.expressions if isinstance(node, exp.In) else [node.expression]
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return frozenset({(value is None) != bool(node.args.get("negate"))})
    if not all(isinstance(choice, exp.Literal) and choice.is_string for choice in choices):
        return _ANYTHING
    if isinstance(node, (exp.EQ, exp.NEQ, exp.In)):
        same = value in {choice.this for choice in choices}
        return frozenset({None if value is None else same != isinstance(node, exp.NEQ)})
    return _ANYTHING


def _and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _or(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False
