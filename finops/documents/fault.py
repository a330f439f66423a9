"""One fault of one file, printed the way compilers and editors know it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault at ``file:line:column`` (both from 1), with a hint that says how to fix it."""

    file: str
    line: int
    column: int
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}. {self.hint}"


@dataclass(frozen=True, slots=True)
class OptionFault:
    """A fault of a kind's options that only the whole configuration shows. ``loc`` leads to the option; ``offset``
    counts characters of its text, None = the option itself."""

    loc: tuple[str | int, ...]
    message: str
    hint: str
    offset: int | None = None


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that ``word`` is probably a misspelling of; None where nothing is near."""
    by_folded = {choice.casefold(): choice for choice in sorted(set(choices))}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


_MOST_LISTED = 40


def did_you_mean(word: str, choices: Iterable[str], *, otherwise: str | None = None) -> str:
    """A hint for a misspelt word: its nearest neighbour, else ``otherwise``, else the whole list of choices.

    >>> did_you_mean("ammount", ["amount", "period"])
    "Did you mean 'amount'?"
    >>> did_you_mean("x", ["amount", "period"])
    'Known: amount, period'
    """
    known = sorted(set(choices))
    near = nearest(word, known)
    if near is not None:
        return f"Did you mean '{near}'?"
    if otherwise is not None:
        return otherwise
    more = f" and {len(known) - _MOST_LISTED:,} more" if len(known) > _MOST_LISTED else ""
    return "Known: " + ", ".join(known[:_MOST_LISTED]) + more
