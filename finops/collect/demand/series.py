"""Rows of any origin -> the frame of a demand series, checked, and its digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

import polars as pl

from finops.errors import RefusedBatch
from finops.model.money import SCALE

DAY, VALUE = "day", "value"


def series_frame(rows: Sequence[Mapping[str, object]], dimensions: Sequence[str]) -> pl.DataFrame:
    """``day`` (Date), ``value`` (Decimal(38, 15)), one String column a dimension; sorted by day, then dimensions."""
    schema = {DAY: pl.Date(), VALUE: pl.Decimal(38, SCALE), **dict.fromkeys(dimensions, pl.String())}
    frame = pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)
    return frame.sort([DAY, *dimensions])


def series_digest(frame: pl.DataFrame, *definition: str) -> str:
    """``<definition>:<content>``: the first part changes with how the series is made, the second with what it says.

    ``frame``: of ``series_frame``.
    """
    content = frame.write_csv(include_header=True)
    return f"{definition_mark(*definition)}:{_short(content)}"


def definition_mark(*definition: str) -> str:
    """The first part of ``series_digest``."""
    return _short("\0".join(definition))


def same_definition(known_digest: str | None, *definition: str) -> bool:
    """Whether the series that has ``known_digest`` was made in the same way."""
    return known_digest is not None and known_digest.startswith(f"{definition_mark(*definition)}:")


class OnceADay:
    """Finds the second row of a day with the same dimensions."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], int] = {}

    def check(self, row: Mapping[str, object], number: int, where: str) -> None:
        """Raises ``RefusedBatch``."""
        key = tuple(value for name, value in row.items() if name != VALUE)
        if key in self._seen:
            what = f"the day {row[DAY]} occurs twice, first in row {self._seen[key]}"
            raise RefusedBatch(
                what, where=where, remedy="Keep one row per day, or add a dimension that distinguishes them"
            )
        self._seen[key] = number


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
