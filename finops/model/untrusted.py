"""Text that anybody may have written (tags, names of resources and services), where only plain text can be shown."""

from __future__ import annotations

import unicodedata

_REPLACED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, marks that turn the direction of writing or are invisible, half characters, ends of lines."""


def one_line(text: str, longest: int | None = None) -> str:
    """One line without what moves a cursor or turns the writing; ``longest``: characters, then ``…``."""
    line = "".join("\ufffd" if unicodedata.category(character) in _REPLACED else character for character in text)
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"
