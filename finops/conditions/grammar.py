"""Tokens -> sqlglot's syntax tree, syntax errors with their place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from finops.conditions.words import ConditionFault, ConditionFaults


def syntax_tree(text: str, tokens: Sequence[Token]) -> exp.Expr:
    """One expression. Raises ``ConditionFaults`` with the first syntax error: what follows it is guesswork."""
    try:
        trees = Parser(error_level=ErrorLevel.IMMEDIATE).parse(list(tokens), text)
    except ParseError as error:
        raise ConditionFaults([_fault(error, text, tokens)]) from error
    except RecursionError as error:
        raise ConditionFaults([ConditionFault(0, "nested too deeply", "Use an IN list or a dimension")]) from error
    if len(trees) != 1 or trees[0] is None:  # pragma: no cover - words() refuses ';' and emptiness
        raise ConditionFaults([ConditionFault(0, "not one condition", "Join parts with AND or OR")])
    return trees[0]


def place(node: exp.Expr) -> int:
    """The offset of the first letter of ``node`` that has a place; operators have none of their own."""
    starts = [inner.meta["start"] for inner in node.walk() if "start" in inner.meta]
    return min(starts, default=0)


def _fault(error: ParseError, text: str, tokens: Sequence[Token]) -> ConditionFault:
    detail = error.errors[0]
    token = next((t for t in tokens if (t.line, t.col) == (detail["line"], detail["col"])), tokens[-1])
    shown = text[token.start : token.end + 1]
    description = str(detail["description"])
    if description.startswith("Expecting )"):
        return ConditionFault(token.start, f"a ')' is missing after {shown}", "Close every bracket that was opened")
    if token.token_type is TokenType.R_PAREN and text.count("(") < text.count(")"):
        return ConditionFault(token.start, "a ')' too many", "Close only brackets that were opened")
    if description.startswith("Required keyword: 'this'"):
        return ConditionFault(
            token.start, f"an operand is missing before {shown}", "Compare two sides: team = 'checkout'"
        )
    if description.startswith(("Required keyword", "Expected")) or token is tokens[-1]:
        hint = "Add a column, a literal or a comparison, or remove the end"
        return ConditionFault(token.start, f"an operand is missing after {shown}", hint)
    hint = "Check the quotes, brackets and the AND or OR around it"
    return ConditionFault(token.start, f"unexpected {shown}", hint)
