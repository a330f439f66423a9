"""Token quantities of a usage report beside the lines of a cost report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from finops.collect.vendors.line import Line

TOKENS = "Tokens"
"""FOCUS's unit: https://focus.finops.org/focus-specification/v1-2/#unitformat"""


def with_tokens(lines: Sequence[Line], counted: Mapping[Hashable, Decimal]) -> list[Line]:
    """``lines`` with the quantity that was counted under their key, where they do not state one themselves.

    Two lines that are counted together get none: to count tokens twice, or to guess their shares, is worse than not to
    know them.
    """
    sharing = Counter((line.day, line.counted_as) for line in lines if line.counted_as is not None)
    return [
        replace(line, quantity=counted.get(line.counted_as), unit=TOKENS)
        if line.quantity is None
        and line.counted_as is not None
        and line.counted_as in counted
        and sharing[line.day, line.counted_as] == 1
        else line
        for line in lines
    ]


def uncounted(lines: Sequence[Line]) -> int:
    """How many lines of tokens have no quantity."""
    return sum(line.token_kind is not None and line.quantity is None and line.amount != 0 for line in lines)
