"""What every rule has in common, checked and ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from finops.conditions import Condition
from finops.model.finding import Group
from finops.model.money import Money
from finops.policy.when import Alert


@dataclass(frozen=True, slots=True)
class Exemption:
    """Groups that hold every value of ``group`` may fire up to and with the day ``expires``."""

    group: Mapping[str, str]
    reason: str
    expires: date

    def covers(self, group: Group) -> bool:
        return all(group.get(column) == value for column, value in self.group.items())


@dataclass(frozen=True, slots=True)
class Envelope:
    """``condition``: None takes every row. ``cost``: a FOCUS cost column. ``group_by``: resolved column names."""

    condition: Condition | None
    cost: str
    group_by: tuple[str, ...]
    minimum: Money | None
    for_evaluations: int
    exemptions: tuple[Exemption, ...]
    alerts: tuple[Alert, ...]
    allocated: bool = False
    """Whether costs are counted after allocation; ``cost`` is EffectiveCost then."""

    @property
    def columns(self) -> frozenset[str]:
        """Every column that a frame needs for the condition and the groups."""
        named = self.condition.required_columns if self.condition is not None else frozenset()
        return named | set(self.group_by)
