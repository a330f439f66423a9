"""The second wall: every node of the syntax tree against a list of what may stand there, and every type.

The walk gathers all faults. A node of a kind, or with an argument, that is not listed here is refused, so that a new
release of the parser cannot let something through that ``translate`` would get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from sqlglot import exp

from finops.conditions import literal
from finops.conditions.grammar import place
from finops.conditions.words import ConditionFault
from finops.documents import did_you_mean, nearest
from finops.errors import InvalidValue
from finops.model.columns import Columns, ColumnType

Type = ColumnType | Literal["condition"]

COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
PATTERNS = (exp.Like, exp.ILike)
MOST_VALUES = 10_000
"""Of an IN list."""
LONGEST_PATTERN = 1_000
MOST_WILDCARDS = 100
"""``%`` and ``_`` of a pattern: each makes the matcher behind LIKE larger, until it refuses at run time."""
_ARGUMENTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Column: frozenset({"this"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Bracket: frozenset({"this", "expressions"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.ILike: frozenset({"this", "expression", "negate"}),
    exp.Is: frozenset({"this", "expression", "negate"}),
    **{node: frozenset({"this", "expression"}) for node in (exp.And, exp.Or, *COMPARISONS, exp.StartsWith)},
    **{node: frozenset({"this"}) for node in (exp.Not, exp.Paren, exp.Neg, exp.Lower, exp.Upper)},
}
_REMEDY = "Write a comparison like team = 'checkout', an IN list, BETWEEN, LIKE or IS NULL"
_NAMED_TYPES = {"text": "a text", "number": "a number", "time": "a time", "json": "JSON", "condition": "a condition"}


class Check:
    """Walks one tree: ``faults``, and the resolved ``columns`` and ``tags`` that it names."""

    def __init__(self, columns: Columns) -> None:
        self._known = columns
        self.columns: set[str] = set()
        self.tags: set[str] = set()
        self.faults: list[ConditionFault] = []

    def condition(self, node: exp.Expr) -> None:
        """``node`` must be true, false or unknown for a row."""
        found = self._type(node)
        if found not in (None, "condition"):
            self._fault(node, f"{_NAMED_TYPES[found]} is not a condition", _REMEDY)

    def _type(self, node: exp.Expr) -> Type | None:
        """The type of ``node``; None when a fault was already said about it."""
        rule = self._rule(node)
        extra = {name for name, value in node.args.items() if value} - _ARGUMENTS.get(type(node), frozenset())
        if isinstance(node, (exp.Alias, exp.Concat)):
            self._fault(node, "an operator is missing between two words", "Put an operator, AND or OR between them")
            return None
        if rule is None or extra:
            self._fault(node, f"{type(node).__name__.upper()} is not part of a condition", _REMEDY)
            return None
        return rule(node)

    def _rule(self, node: exp.Expr) -> Callable[[exp.Expr], Type | None] | None:
        rules: Sequence[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr], Type | None]]] = (
            ((exp.And, exp.Or), self._junction),
            (exp.Not, self._not),
            (exp.Paren, lambda paren: self._type(paren.this)),
            (COMPARISONS, lambda both: self._same([both.this, both.expression])),
            (exp.Between, lambda three: self._same([three.this, three.args["low"], three.args["high"]])),
            (exp.In, self._in),
            (PATTERNS, self._pattern),
            (exp.StartsWith, lambda both: self._all_text([both.this, both.expression], "condition")),
            (exp.Is, self._is),
            ((exp.Lower, exp.Upper), lambda call: self._all_text([call.this], "text")),
            (exp.Coalesce, lambda call: self._common([call.this, *call.expressions])),
            (exp.Boolean, lambda _: "condition"),
            (exp.Literal, self._literal),
            (exp.Neg, lambda minus: self._type(minus.this)),
            (exp.Cast, self._cast),
            (exp.Column, self._column),
            (exp.Bracket, self._bracket),
        )
        return next((rule for kinds, rule in rules if isinstance(node, kinds)), None)

    def _junction(self, node: exp.Expr) -> Type:
        for part in operands(node):
            self.condition(part)
        return "condition"

    def _not(self, node: exp.Expr) -> Type:
        self.condition(node.this)
        return "condition"

    def _same(self, nodes: Sequence[exp.Expr]) -> Type:
        if self._common(nodes) == "condition":
            self._fault(nodes[0], "conditions cannot be compared", "Join them with AND or OR")
        return "condition"

    def _common(self, nodes: Sequence[exp.Expr]) -> Type | None:
        """The one type of all ``nodes``; a text literal among times must be a time itself."""
        types = [self._type(node) for node in nodes]
        if None in types:
            return None
        wanted = next(
            (found for node, found in zip(nodes, types, strict=True) if not isinstance(_bare(node), exp.Literal)),
            types[0],
        )
        for node, found in zip(nodes, types, strict=True):
            bare = _bare(node)
            if wanted == "time" and isinstance(bare, exp.Literal) and bare.is_string:
                self._value(bare, literal.moment)
            elif found == "json":
                self._fault(node, "JSON cannot be compared", "Name one tag: tags['key']")
                return None
            elif found != wanted:
                self._mismatch(node, bare, wanted, found)
                return None
        return wanted

    def _mismatch(self, node: exp.Expr, bare: exp.Expr, wanted: Type | None, found: Type | None) -> None:
        hint = "Compare values of one type; join conditions with AND or OR"
        if isinstance(bare, exp.Literal) and wanted != "condition":
            shown = bare.this
            hint = f"Write '{shown}' in single quotes" if found == "number" else f"Write {shown} without quotes"
            if wanted == "time":
                hint = "Write a time like '2026-03-01'"
            elif wanted == "number" and not _is_number(shown):
                hint = "Write a number like 12.5"
        self._fault(node, f"{_NAMED_TYPES[str(wanted)]} is compared with {_NAMED_TYPES[str(found)]}", hint)

    def _in(self, node: exp.Expr) -> Type:
        values = node.expressions
        if not values:
            self._fault(node, "the IN list is empty", "Name at least one value: IN ('a', 'b')")
        if len(values) > MOST_VALUES:
            message = f"the IN list has {len(values)} values, more than {MOST_VALUES}"
            self._fault(values[MOST_VALUES], message, "Map the values to a dimension and compare that")
            return "condition"
        literals = [value for value in values if is_literal(value)]
        for value in (value for value in values if not is_literal(value)):
            self._type(value)
            self._fault(
                value, "the IN list contains something other than literals", "Write literals, or compare with = and OR"
            )
        self._common([node.this, *literals])
        return "condition"

    def _pattern(self, node: exp.Expr) -> Type:
        self._all_text([node.this], "condition")
        pattern = _bare(node.expression)
        if not (isinstance(pattern, exp.Literal) and pattern.is_string):
            self._fault(node.expression, "LIKE needs a pattern in quotes", "Write it like LIKE 'prod-%'")
            return "condition"
        wildcards = pattern.this.count("%") + pattern.this.count("_")
        if len(pattern.this) > LONGEST_PATTERN:
            message = f"a pattern has {len(pattern.this)} characters, more than {LONGEST_PATTERN}"
            self._fault(pattern, message, "Write a shorter pattern, or map the values to a dimension")
        elif wildcards > MOST_WILDCARDS:
            message = f"a pattern has {wildcards} wildcards, more than {MOST_WILDCARDS}"
            self._fault(pattern, message, "Use one % for any number of characters")
        return "condition"

    def _is(self, node: exp.Expr) -> Type:
        if not isinstance(node.expression, exp.Null):
            self._fault(
                node, "IS must be followed by NULL or NOT NULL", "Write IS NULL or IS NOT NULL, or compare with ="
            )
        elif self._type(node.this) == "condition":
            self._fault(
                node.this, "IS NULL applies to a column, not to a condition", "Apply it to a column: team IS NULL"
            )
        return "condition"

    def _all_text(self, nodes: Sequence[exp.Expr], result: Type) -> Type:
        for node in nodes:
            found = self._type(node)
            if found == "json":
                self._fault(node, "JSON is not a string", "Name one tag: tags['key']")
            elif found not in (None, "text"):
                self._fault(node, f"{_NAMED_TYPES[found]} is not a string", "Name a text column")
        return result

    def _literal(self, node: exp.Expr) -> Type | None:
        if node.is_string:
            return "text"
        return "number" if self._value(node, literal.number) else None

    def _cast(self, node: exp.Expr) -> Type | None:
        value = node.this
        kind = node.args["to"].this
        if kind not in (exp.DType.DATE, exp.DType.TIMESTAMP) or not (
            isinstance(value, exp.Literal) and value.is_string
        ):
            self._fault(node, "a cast is not part of a condition", "Write a time like DATE '2026-03-01'")
            return None
        return "time" if self._value(value, literal.moment) else None

    def _value(self, node: exp.Expr, read: Callable[[str], object]) -> bool:
        try:
            read(node.this)
        except InvalidValue as error:
            self._fault(node, error.what, error.remedy)
            return False
        return True

    def _column(self, node: exp.Expr) -> Type | None:
        if not isinstance(node.this, exp.Identifier):
            self._fault(node, f"'{node.sql()}' is not a column", _REMEDY)
            return None
        name = node.name
        resolved = self._known.aliases.get(name, name)
        if resolved not in self._known.types:
            self._fault(node, f"unknown column '{name}'", self._remedy(name, quoted=bool(node.this.quoted)))
            return None
        self.columns.add(resolved)
        return self._known.types[resolved]

    def _remedy(self, name: str, *, quoted: bool) -> str:
        if name in self._known.moved:
            return self._known.moved[name]
        known = [*self._known.types, *self._known.aliases]
        if (near := nearest(name, known)) is not None:
            return f"Did you mean '{near}'?"
        if quoted:
            return f"Put text in single quotes: '{name}'"
        if name.lower() == "tags":
            return "Name one tag: tags['key']"
        hint = did_you_mean(name, known)
        if len(self._known.types) > len(hint) // 4 or len(hint) > 200:
            return f"Name a FOCUS column, a configured dimension, or a tag: tags['{name}']"
        return hint

    def _bracket(self, node: exp.Expr) -> Type | None:
        owner = node.this.name
        if owner.lower() != "tags" or self._known.types.get("Tags") != "json":
            self._fault(node, f"'{owner}' has no keys", "Only tags has keys: tags['key']")
            return None
        keys = node.expressions
        if len(keys) != 1 or not (isinstance(keys[0], exp.Literal) and keys[0].is_string):
            shown = keys[0].name if keys else "key"
            self._fault(node, "the key of a tag must be in single quotes", f"Write tags['{shown}']")
            return None
        if "\\" in keys[0].name:
            self._fault(keys[0], "a tag key with a backslash is not supported", "Map it to a dimension at its source")
            return None
        self.tags.add(keys[0].name)
        return "text"

    def _fault(self, node: exp.Expr, message: str, hint: str) -> None:
        self.faults.append(ConditionFault(place(node), message, hint))


def operands(node: exp.Expr) -> list[exp.Expr]:
    """The parts of a chain of one junction (a AND b AND c), without recursion: chains can be thousands long."""
    kind, parts, rest = type(node), [], [node]
    while rest:
        part = rest.pop()
        if type(part) is kind:
            rest += [part.expression, part.this]
        else:
            parts.append(part)
    return parts


def is_literal(node: exp.Expr) -> bool:
    """A literal, a negative number, or DATE and TIMESTAMP before a text."""
    return isinstance(_bare(node), exp.Literal) or isinstance(node, exp.Cast)


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    return node


def _is_number(text: str) -> bool:
    try:
        literal.number(text)
    except ValueError:
        return False
    return True
