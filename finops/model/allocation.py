"""Whose cost is it? Rules that move shared costs to those who use what they pay for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class ByWeights:
    """Fixed shares. ``weights``: value of the dimension -> its weight, none negative, one at least above zero; ``even``
    shares are weights of 1."""

    weights: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class BySpend:
    """Each day's EffectiveCost within ``scope`` (an SQL condition; None: everything), by the dimension's value."""

    scope: str | None = None


@dataclass(frozen=True, slots=True)
class BySeries:
    """Each day's values of a demand series, by its ``dimension``. ``values``: value of that dimension -> value of the
    rule's; where it is empty, they are the same."""

    series: str
    dimension: str
    values: Mapping[str, str] = field(default_factory=dict)


By = ByWeights | BySpend | BySeries
_KINDS: Mapping[str, type[By]] = {"weights": ByWeights, "spend": BySpend, "series": BySeries}


@dataclass(frozen=True, slots=True)
class Allocation:
    """Costs within ``scope`` (an SQL condition; None: everything) get other values of the dimension ``to``."""

    name: str
    scope: str | None
    to: str
    by: By

    @property
    def targets(self) -> tuple[str, ...]:
        """The values that get a share, as far as the rule itself names them."""
        if isinstance(self.by, ByWeights):
            return tuple(value for value, weight in self.by.weights.items() if weight)
        return tuple(dict.fromkeys(self.by.values.values())) if isinstance(self.by, BySeries) else ()

    def to_json(self) -> dict[str, Any]:
        kind = next(kind for kind, of in _KINDS.items() if isinstance(self.by, of))
        by = asdict(self.by)
        if isinstance(self.by, ByWeights):
            by["weights"] = {value: str(weight) for value, weight in self.by.weights.items()}
        return {"name": self.name, "scope": self.scope, "to": self.to, "by": {kind: by}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Allocation:
        """The inverse of ``to_json``."""
        ((kind, options),) = data["by"].items()
        if kind == "weights":
            options = {"weights": {value: Decimal(weight) for value, weight in options["weights"].items()}}
        return cls(data["name"], data["scope"], data["to"], _KINDS[kind](**options))
