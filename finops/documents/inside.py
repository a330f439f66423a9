"""Places inside a text value: the letter of a condition at the line and column where the file has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finops.documents.yaml_file import Document, Place

_ESCAPED_LENGTH = {"x": 2, "u": 4, "U": 8}


def place_inside(document: Document, loc: Sequence[str | int], value: str, offset: int) -> Place:
    """Line and column (from 1) of character ``offset`` of the text ``value`` that stands at ``loc``.

    YAML folds and trims white space in every style, and nothing else but quotes and escapes: so the letter is found by
    counting letters that are no white space. Falls back to the start of the value.
    """
    line, column = start = document.place(loc, of_value=True)
    lines = document.text.splitlines()
    index = line - document.first_line
    if not 0 <= index < len(lines):
        return start
    wanted = sum(not letter.isspace() for letter in value[:offset])
    style = lines[index][column - 1 : column]
    if style in {"|", ">"}:
        letters = _plain(lines, index + 1, 0)
    elif style == "'":
        letters = _single_quoted(lines, index, column)
    elif style == '"':
        letters = _double_quoted(lines, index, column)
    else:
        letters = _plain(lines, index, column - 1)
    last = start
    for position, (letter_line, letter_column) in enumerate(letters):
        last = (document.first_line + letter_line, letter_column + 1)
        if position == wanted:
            return last
    return last


def _plain(lines: Sequence[str], first: int, column: int) -> Iterator[Place]:
    for number in range(first, len(lines)):
        for index in range(column if number == first else 0, len(lines[number])):
            if not lines[number][index].isspace():
                yield number, index


def _single_quoted(lines: Sequence[str], first: int, column: int) -> Iterator[Place]:
    second_of_pair = False
    for number, index in _plain(lines, first, column):
        quote = lines[number][index] == "'"
        if quote and not second_of_pair and lines[number][index + 1 : index + 2] != "'":
            return
        if not second_of_pair:
            yield number, index
        second_of_pair = quote and not second_of_pair


def _double_quoted(lines: Sequence[str], first: int, column: int) -> Iterator[Place]:
    for number in range(first, len(lines)):
        index, text = column if number == first else 0, lines[number]
        while index < len(text):
            if text[index] == '"':
                return
            if text[index] == "\\":
                escape = text[index + 1 : index + 2]
                if escape not in set("ntrve0abfN_LP \t") and escape:
                    yield number, index
                index += 2 + _ESCAPED_LENGTH.get(escape, 0)
                continue
            if not text[index].isspace():
                yield number, index
            index += 1
