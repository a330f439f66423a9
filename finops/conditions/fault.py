"""What is wrong with a condition, and where in its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
