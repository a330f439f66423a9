"""The first wall: every token of a condition against a list of what may stand there.

Tokens know their exact place, so that what SQL has and a condition has not (SELECT, CASE, arithmetic, casts,
parameters) is refused at its own letter, all at once, before anything is parsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import tokenize
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from finops.documents import did_you_mean
from finops.errors import InvalidValue
from finops.model.columns import Columns


@dataclass(frozen=True, slots=True, order=True)
class ConditionFault:
    """``offset`` counts characters of the condition's text from 0."""

    offset: int
    message: str
    hint: str


class ConditionFaults(Exception):
    """Every fault of one condition, in the order of the text. Whoever knows the file turns them into places."""

    def __init__(self, faults: Sequence[ConditionFault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("; ".join(f"at {fault.offset}: {fault.message}. {fault.hint}" for fault in self.faults))


def tag_value(key: str) -> pl.Expr:
    """The value of tag ``key`` as text, null where it is not set; over a frame with ``Tags`` (String, JSON object).

    A number or a truth value comes as its JSON text. Raises ``ValueError`` for a key with a backslash: the JSON path
    engine of Polars cannot name one.
    """
    if "\\" in key:
        raise InvalidValue("a tag key with a backslash is not supported", "Map it to a dimension at its source")
    quoted = key.replace("'", "\\'")
    return pl.col("Tags").str.json_path_match(f"$['{quoted}']")


FUNCTIONS = ("coalesce", "lower", "starts_with", "upper")
MAX_LENGTH = 100_000
MAX_DEPTH = 50

_NAMES = {TokenType.VAR, TokenType.IDENTIFIER}
_COMPARISONS = {TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE}
_BEFORE_A_BRACKET = {
    *_COMPARISONS,
    TokenType.AND,
    TokenType.OR,
    TokenType.NOT,
    TokenType.IN,
    TokenType.LIKE,
    TokenType.ILIKE,
    TokenType.BETWEEN,
    TokenType.L_PAREN,
    TokenType.COMMA,
}
_ALLOWED = {
    *_NAMES,
    *_BEFORE_A_BRACKET,
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.IS,
    TokenType.NULL,
    TokenType.TRUE,
    TokenType.FALSE,
    TokenType.R_PAREN,
    TokenType.L_BRACKET,
    TokenType.R_BRACKET,
    TokenType.DASH,
    TokenType.DATE,
    TokenType.TIMESTAMP,
}
_ARITHMETIC = {TokenType.PLUS, TokenType.STAR, TokenType.SLASH, TokenType.MOD, TokenType.DIV}
_ALLOWED_HERE = (
    "A condition has columns, tags['key'], literals, = <> < <= > >=, AND, OR, NOT, IN (…), BETWEEN, LIKE, ILIKE, "
    "IS NULL and the functions " + ", ".join(FUNCTIONS)
)


def words(text: str, columns: Columns) -> list[Token]:
    """The tokens of ``text``; raises ``ConditionFaults`` with every token that a condition cannot have."""
    if len(text) > MAX_LENGTH:
        hint = "Map the values to a dimension and name that"
        raise ConditionFaults([ConditionFault(MAX_LENGTH, f"longer than {MAX_LENGTH} characters", hint)])
    try:
        tokens = list(tokenize(text))
    except TokenError as error:
        offset, quote = _open_quote(text)
        hint = f"Close it with {quote}; a {quote} inside the text is written twice"
        raise ConditionFaults([ConditionFault(offset, "a quote is not closed", hint)]) from error
    if not tokens:
        hint = "Write one like team = 'checkout', or omit the key to match every row"
        raise ConditionFaults([ConditionFault(0, "the condition is empty", hint)])
    faults = [*_refused(tokens, columns), *_too_deep(tokens)]
    if faults:
        raise ConditionFaults(faults)
    return tokens


def _refused(tokens: Sequence[Token], columns: Columns) -> list[ConditionFault]:
    faults = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        refusal = _refusal(token, before, after, columns)
        if refusal is not None:
            faults.append(ConditionFault(token.start, *refusal))
            if token.token_type is TokenType.SEMICOLON or refusal[1] == _ALLOWED_HERE:
                break  # what follows belongs to the same foreign clause
    return faults


def _refusal(  # noqa: PLR0911 - one return a kind of refusal reads best
    token: Token, before: Token | None, after: Token | None, columns: Columns
) -> tuple[str, str] | None:
    kind, shown = token.token_type, token.text
    calls = after is not None and after.token_type is TokenType.L_PAREN and kind not in _BEFORE_A_BRACKET
    if calls and shown.lower() not in FUNCTIONS:
        return f"unknown function '{shown}'", did_you_mean(shown.lower(), FUNCTIONS)
    if shown in columns.types and kind is not TokenType.STRING:
        return None
    if kind is TokenType.SEMICOLON:
        return "unexpected ';'", "A scope is one condition: join parts with AND or OR"
    if kind is TokenType.NULL and (before is None or before.token_type not in {TokenType.IS, TokenType.NOT}):
        return "in SQL, nothing equals NULL", "Write IS NULL or IS NOT NULL"
    if kind is TokenType.DOT:
        owner = before.text if before is not None else ""
        key = after.text if after is not None else "key"
        hint = f"Write tags['{key}']" if owner.lower() == "tags" else "Name a column without a table; write 0.5, not .5"
        return "unexpected '.'", hint
    negative_number = after is not None and after.token_type is TokenType.NUMBER and not _is_operand(before)
    if kind in _ARITHMETIC or (kind is TokenType.DASH and not negative_number):
        return f"unexpected '{shown}': conditions do not support arithmetic", "Compare columns and literals as they are"
    if kind not in _ALLOWED:
        return f"'{shown}' is not part of a condition", _ALLOWED_HERE
    return None


def _is_operand(token: Token | None) -> bool:
    ends = {*_NAMES, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN, TokenType.R_BRACKET}
    return token is not None and token.token_type in ends


def _too_deep(tokens: Sequence[Token]) -> list[ConditionFault]:
    depth = negations = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        negations = negations + 1 if token.token_type is TokenType.NOT else 0
        if depth + negations > MAX_DEPTH:
            return [ConditionFault(token.start, f"more than {MAX_DEPTH} levels of brackets", "Use an IN list")]
    return []


def _open_quote(text: str) -> tuple[int, str]:
    """Where the quote that is never closed stands. A doubled quote closes and opens again, which changes nothing."""
    start, quote = 0, ""
    for index, letter in enumerate(text):
        if not quote and letter in "'\"":
            start, quote = index, letter
        elif letter == quote:
            quote = ""
    return start, quote or "'"
