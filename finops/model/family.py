"""Metric families as plain values, before any exposition format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class FamilyType(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"


class Sample(NamedTuple):
    """One series: label values in the order of the family's ``labels``, and its value in the unit of its name."""

    values: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """A family and its series.

    ``help`` gives meaning and unit. A counter's name ends in ``_total``. ``labels`` are names; two samples never have
    the same label values.
    """

    name: str
    type: FamilyType
    help: str
    labels: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()

    def filled(self, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
        """The same family with these series, sorted by label values.

        Where label values occur twice the first stands: values from tags can collide once they are joined into one
        label, and one duplicate would make a scraper refuse the whole page.
        """
        first: dict[tuple[str, ...], float] = {}
        for values, value in samples:
            first.setdefault(values, value)
        return replace(self, samples=tuple(Sample(values, first[values]) for values in sorted(first)))
