"""Exact amounts as integers that numpy adds: each Decimal is ``high`` * 2^``shift`` + ``low``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from finops.deferred import numpy as np
from finops.deferred import pyarrow as pa
from finops.evaluate.array_kernel.distinct import Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIFT = 40
"""Of amounts by day: up to 10^24 units, a milliard of any currency at 15 digits, fit into two times 40 bits."""
_WORD = 64
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class SplitAmounts:
    """``low`` is never negative. Sums of up to as many amounts as there are here stay below 2^63 in both parts."""

    high: Numbers
    low: Numbers
    shift: int
    scale: int

    @classmethod
    def of(cls, amounts: pl.Series) -> SplitAmounts | None:
        """``amounts``: Decimal. None for such large ones, or so many, that their sums could outgrow 64 bits, and where
        one is missing."""
        words = _words(amounts)
        if words is None or not isinstance(amounts.dtype, pl.Decimal):
            return None
        shift = _WORD - 2 - len(words).bit_length()
        least, greatest = (int(words[:, 1].min()), int(words[:, 1].max())) if len(words) else (0, 0)
        largest = (max(-least, greatest) + 1) << (_WORD - shift)
        if largest * max(1, len(words)) >= 2 ** (_WORD - 1):
            return None
        unsigned = words[:, 0].view(np.uint64)
        high = (words[:, 1] << (_WORD - shift)) | (unsigned >> np.uint64(shift)).view(np.int64)
        return cls(high, words[:, 0] & (2**shift - 1), shift, amounts.dtype.scale)

    def sums(self, high: Numbers, low: Numbers) -> pl.Series:
        """Decimals of sums of these parts."""
        words = np.empty((len(high), 2), np.int64)
        lower = (high << self.shift).view(np.uint64) + low.view(np.uint64)
        words[:, 0] = lower.view(np.int64)
        words[:, 1] = (high >> (_WORD - self.shift)) + (lower < low.view(np.uint64))
        kind = pa.decimal128(_DIGITS, self.scale)
        return pl.Series(pa.Array.from_buffers(kind, len(high), [None, pa.py_buffer(words)]))


def split(amounts: pl.Series) -> tuple[NDArray[Any], NDArray[Any]]:
    """High and low part (see ``SHIFT``) of each: Int64, with room for the sums of four million; Python's integers where
    one is too large. ``amounts``: Decimal, none missing."""
    words = _words(amounts)
    if words is None:
        raise TypeError(f"{amounts.dtype} with {amounts.null_count()} nulls is not a column of amounts")
    upper, unsigned = words[:, 1], words[:, 0].view(np.uint64)
    room = 2 ** (2 * SHIFT - _WORD)
    if len(words) and (int(upper.min()) < -room or int(upper.max()) >= room):
        units = [(high << _WORD) + low for high, low in zip(upper.tolist(), unsigned.tolist(), strict=True)]
        parts = [unit >> SHIFT for unit in units], [unit & (2**SHIFT - 1) for unit in units]
        return np.array(parts[0], object), np.array(parts[1], object)
    high = (upper << (_WORD - SHIFT)) | (unsigned >> np.uint64(SHIFT)).view(np.int64)
    return high, words[:, 0] & (2**SHIFT - 1)


def _words(amounts: pl.Series) -> NDArray[np.int64] | None:
    """Lower and upper half of each."""
    column = amounts.to_arrow()
    if column.null_count or column.type.bit_width != 2 * _WORD:
        return None
    words = np.frombuffer(column.buffers()[1], np.int64, count=2 * len(column), offset=2 * column.offset * (_WORD // 8))
    return words.reshape(-1, 2)
