"""What a provider's meter says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["input", "output", "cache_read", "cache_write"]
"""Fresh input, output, input that was read from a cache, input that was written to one."""


@dataclass(frozen=True, slots=True)
class Meter:
    """``model`` in the provider's own spelling, blanks as hyphens; None where another column names it.

    ``tokens_of_one``: how many tokens one of the row's quantity is where its unit does not say so.
    """

    kind: TokenKind
    model: str | None
    tokens_of_one: int | None = None
