"""A checked syntax tree -> one Polars expression with SQL's three-valued logic.

Polars' ``&``, ``|``, ``~`` and comparisons are three-valued as in SQL; ``filter`` keeps what is true, as WHERE does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import polars as pl
from sqlglot import exp

from finops.conditions import literal
from finops.conditions.check import COMPARISONS, PATTERNS, operands
from finops.conditions.words import tag_value
from finops.model.columns import Columns
from finops.model.money import SCALE

_AMOUNT = pl.Decimal(38, SCALE)
_TIME = pl.Datetime("us", "UTC")
_COMPARE: dict[type[exp.Expr], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}


class Translation:
    """Turns nodes that ``Check`` let pass into expressions over columns by their resolved names."""

    def __init__(self, columns: Columns, *, only: frozenset[str] | None = None) -> None:
        """``only``: columns whose values are known; a comparison that names another one, or a tag, is null."""
        self._known = columns
        self._only = only

    def expression(self, node: exp.Expr) -> pl.Expr:  # noqa: PLR0911 - one branch a kind of node
        if isinstance(node, (exp.And, exp.Or)):
            join = operator.and_ if isinstance(node, exp.And) else operator.or_
            return balanced([self.expression(part) for part in operands(node)], join)
        if isinstance(node, exp.Not):
            return ~self.expression(node.this)
        if isinstance(node, exp.Paren):
            return self.expression(node.this)
        if self._only is not None and not self._names_only_known(node):
            return pl.lit(None, dtype=pl.Boolean)
        if isinstance(node, COMPARISONS):
            left, right = self._values([node.this, node.expression])
            return _COMPARE[type(node)](left, right)
        if isinstance(node, exp.Between):
            value, low, high = self._values([node.this, node.args["low"], node.args["high"]])
            return (value >= low) & (value <= high)
        if isinstance(node, exp.In):
            if all(isinstance(choice, exp.Literal) and choice.is_string for choice in node.expressions) and not (
                self._is_time(node.this)
            ):
                return self._value(node.this).is_in([choice.name for choice in node.expressions])
            value, *choices = self._values([node.this, *node.expressions])
            return balanced([value == choice for choice in choices], operator.or_)
        if isinstance(node, PATTERNS):
            pattern = like_pattern(node.expression.name, fold=isinstance(node, exp.ILike))
            matches = self._value(node.this).str.contains(pattern)
            return ~matches if node.args.get("negate") else matches
        if isinstance(node, exp.StartsWith):
            return self._value(node.this).str.starts_with(self._value(node.expression))
        if isinstance(node, exp.Is):
            value = self._value(node.this)
            return value.is_not_null() if node.args.get("negate") else value.is_null()
        return pl.lit(bool(node.this))

    def _names_only_known(self, node: exp.Expr) -> bool:
        names = {self._known.aliases.get(column.name, column.name) for column in node.find_all(exp.Column)}
        return names <= (self._only or frozenset())

    def _values(self, nodes: Sequence[exp.Expr]) -> list[pl.Expr]:
        """All of one type: text literals beside times are times."""
        times = any(self._is_time(node) for node in nodes)
        return [self._value(node, as_time=times) for node in nodes]

    def _value(  # noqa: PLR0911 - one return a kind of node
        self, node: exp.Expr, *, as_time: bool = False
    ) -> pl.Expr:
        if isinstance(node, exp.Paren):
            return self._value(node.this, as_time=as_time)
        if isinstance(node, exp.Neg):
            return pl.lit(_number(node), dtype=_AMOUNT)
        if isinstance(node, exp.Literal):
            if as_time:
                return pl.lit(literal.moment(node.this), dtype=_TIME)
            return pl.lit(node.this) if node.is_string else pl.lit(_number(node), dtype=_AMOUNT)
        if isinstance(node, exp.Cast):
            return pl.lit(literal.moment(node.this.this), dtype=_TIME)
        if isinstance(node, exp.Coalesce):
            return pl.coalesce(self._values([node.this, *node.expressions]))
        if isinstance(node, exp.Lower):
            return self._value(node.this).str.to_lowercase()
        if isinstance(node, exp.Upper):
            return self._value(node.this).str.to_uppercase()
        if isinstance(node, exp.Bracket):
            return tag_value(node.expressions[0].name)
        return self._column(node.name)

    def _column(self, name: str) -> pl.Expr:
        resolved = self._known.aliases.get(name, name)
        column, kind = pl.col(resolved), self._known.types[resolved]
        return column.cast(_AMOUNT) if kind == "number" else column.cast(_TIME) if kind == "time" else column

    def _is_time(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Cast):
            return True
        if isinstance(node, exp.Column):
            return self._known.types[self._known.aliases.get(node.name, node.name)] == "time"
        inner = [node.this, *node.expressions] if isinstance(node, exp.Coalesce) else []
        inner += [node.this] if isinstance(node, exp.Paren) else []
        return any(self._is_time(part) for part in inner)


def balanced(parts: Sequence[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """A tree of depth log n: Polars walks expressions by recursion, and a list can have thousands of values."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(balanced(parts[:middle], join), balanced(parts[middle:], join))


def like_pattern(pattern: str, *, fold: bool) -> str:
    """SQL's ``%`` and ``_`` as a regular expression over the whole text; nothing escapes them, as in standard SQL."""
    wild = {"%": ".*", "_": "."}
    body = "".join(wild.get(letter) or re.escape(letter) for letter in pattern)
    return f"(?s{'i' if fold else ''})^{body}$"


def _number(node: exp.Expr) -> Decimal:
    sign = 1
    while isinstance(node, (exp.Neg, exp.Paren)):
        sign = -sign if isinstance(node, exp.Neg) else sign
        node = node.this
    return literal.number(node.this) * sign
