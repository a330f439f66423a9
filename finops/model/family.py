"""Metric families as plain values, before any exposition format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import polars as pl


class FamilyType(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"


class Sample(NamedTuple):
    """One series: label values in the order of the family's ``labels``, and its value in the unit of its name."""

    values: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A family and its series, as columns: a hundred thousand of them are never an object each.

    ``help`` gives meaning and unit. A counter's name ends in ``_total``. ``labels`` are names. ``columns`` are their
    values, a text column for each label in that order, and ``values`` the numbers beside them; two series never have
    the same label values.
    """

    name: str
    type: FamilyType
    help: str
    labels: tuple[str, ...] = ()
    columns: tuple[pl.Series, ...] = ()
    values: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Float64))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Family):
            return NotImplemented
        own, others = ((one.name, one.type, one.help, one.labels, len(one)) for one in (self, other))
        return own == others and all(
            one.equals(another)
            for one, another in zip((*self.columns, self.values), (*other.columns, other.values), strict=True)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.labels))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Each series by itself, for who looks at a few."""
        texts = zip(*self.columns, strict=True) if self.labels else (() for _ in range(len(self)))
        return tuple(Sample(values, value) for values, value in zip(texts, self.values, strict=True))

    def with_columns(self, columns: Sequence[pl.Series], values: pl.Series) -> Family:
        """The same family with these series: in order, none twice."""
        return replace(self, columns=tuple(columns), values=values)

    def filled(self, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
        """The same family with these series, sorted by label values.

        Where label values occur twice the first stands: values from tags can collide once they are joined into one
        label, and one duplicate would make a scraper refuse the whole page.
        """
        first: dict[tuple[str, ...], float] = {}
        for values, value in samples:
            first.setdefault(values, value)
        in_order = sorted(first)
        columns = [text_column([values[nth] for values in in_order]) for nth in range(len(self.labels))]
        return self.with_columns(columns, pl.Series([first[values] for values in in_order], dtype=pl.Float64))


def text_column(values: Sequence[str]) -> pl.Series:
    """Texts as a column; half of a surrogate pair, which no UTF-8 can say, becomes a question mark."""
    try:
        return pl.Series(values, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([value.encode(errors="replace").decode() for value in values], dtype=pl.String)
