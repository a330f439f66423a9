"""The public value: a condition that was parsed and checked once, and runs anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlglot import exp

from finops.conditions.check import Check
from finops.conditions.confined import confined
from finops.conditions.grammar import place, syntax_tree
from finops.conditions.translate import Translation
from finops.conditions.words import ConditionFault, ConditionFaults, words
from finops.model.columns import Columns


@dataclass(frozen=True, slots=True, order=True)
class ComparedValue:
    """A column and the text that it is compared with for equality, at ``offset`` of the condition's text."""

    offset: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """``columns``: the columns that it names, dropped names resolved to their successors, tags left out.
    ``tags``: the keys of the tags that it names."""

    text: str
    columns: frozenset[str]
    tags: frozenset[str]
    _tree: exp.Expr = field(repr=False, compare=False)
    _known: Columns = field(repr=False, compare=False)
    _expression: list[pl.Expr] = field(default_factory=list, repr=False, compare=False)  # once it was asked for

    @property
    def required_columns(self) -> frozenset[str]:
        """What a frame needs: ``columns``, and ``Tags`` (String, JSON object) when a tag is named."""
        return self.columns | {"Tags"} if self.tags else self.columns

    def expression(self) -> pl.Expr:
        """Boolean, null where SQL says unknown; over a frame with ``required_columns``.

        Text columns are String, numbers any type that casts to Decimal(38, 15), times Datetime (without a zone: UTC).
        """
        if not self._expression:
            self._expression.append(Translation(self._known).expression(self._tree))
        return self._expression[0]

    def excludes(self, known: Collection[str]) -> pl.Expr:
        """Boolean: whether a row cannot satisfy the condition, of which only the text columns ``known`` are known and,
        among these, a null is not."""
        return Translation(self._known, only=frozenset(known)).expression(self._tree).eq_missing(other=False)

    def compared_values(self) -> list[ComparedValue]:
        """Every text that a column must equal (=, <>, IN), in the order of the condition; tags are left out."""
        found = set()
        for node in self._tree.find_all(exp.EQ, exp.NEQ, exp.In):
            sides = [node.this, *(node.expressions if isinstance(node, exp.In) else [node.expression])]
            names = [side.name for side in sides if isinstance(side, exp.Column)]
            texts = [side for side in sides if isinstance(side, exp.Literal) and side.is_string]
            for name in names:
                column = self._known.aliases.get(name, name)
                if self._known.types.get(column) == "text":
                    found |= {ComparedValue(place(text), column, text.this) for text in texts}
        return sorted(found)

    def confines(self, column: str, values: Collection[str]) -> bool:
        """Whether every row that satisfies the condition provably has one of ``values`` in that text column."""
        return confined(self._tree, self._known, column, values)

    def may_hold(self, row: Mapping[str, str]) -> bool:
        """Whether a row could satisfy the condition of which only these text values are known."""
        frame = pl.DataFrame({name: [value] for name, value in row.items()})
        expression = Translation(self._known, only=frozenset(row)).expression(self._tree)
        return frame.select(expression.alias("holds"))["holds"][0] is not False

    def holds(self, row: Mapping[str, str | None]) -> bool | None:
        """Whether a row satisfies the condition of which only these text columns (and ``Tags``, as JSON) are known;
        None: that depends on the others."""
        frame = pl.DataFrame(dict(row), schema=dict.fromkeys(row, pl.String))
        if self.required_columns <= row.keys():
            return frame.select(self.expression().alias("holds"))["holds"][0] is True
        known = {name for name, value in row.items() if value is not None}
        # a tag is named tags['key'], in any case
        only = frozenset(known | ({"tags", "TAGS"} if "Tags" in known else set()))
        found = frame.select(Translation(self._known, only=only).expression(self._tree).alias("holds"))["holds"][0]
        return bool(found) if found is not None else None


def parse(text: str, columns: Columns) -> Condition:
    """An SQL condition over ``columns``. Raises ``ConditionFaults`` with every fault.

    NULL is SQL's: ``team <> 'x'`` is not true, and not false, for a row without a team, so such a row is out; write
    ``team <> 'x' OR team IS NULL`` to have it in. Names are exact; a dropped FOCUS name stands for its successor.
    """
    tree = syntax_tree(text, words(text, columns))
    check = Check(columns)
    try:
        check.condition(tree)
        condition = Condition(text, frozenset(check.columns), frozenset(check.tags), tree, columns)
        if not check.faults:
            condition.expression()
    except RecursionError as error:
        raise ConditionFaults([ConditionFault(0, "nested too deeply", "Use an IN list or a dimension")]) from error
    if check.faults:
        raise ConditionFaults(check.faults)
    return condition
