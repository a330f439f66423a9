"""The rules of finops.yaml, ready: their conditions parsed, their order and digest fixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from finops.conditions import Condition, parse
from finops.memo import Memo
from finops.model.allocation import Allocation, BySeries, BySpend
from finops.model.columns import Columns
from finops.model.rates import NO_RATES, Rates
from finops.ports.allocated import Allocated

_NO_VALUE = "\0"
"""What no dimension holds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``condition``: of the costs that are moved; ``of_spend``: of those whose proportions it follows. None: all."""

    allocation: Allocation
    condition: Condition | None
    of_spend: Condition | None = None

    def distributes(self, value: str) -> bool:
        """Whether its scope picks out this value of the dimension that it allocates to, among all values: such a value
        cannot get a share of its own cost."""
        return self._may_take(value) and not self._may_take(_NO_VALUE)

    def _may_take(self, value: str) -> bool:
        return self.condition is None or self.condition.may_hold({self.allocation.to: value})


@dataclass(frozen=True)  # without slots: what is cached needs a place
class Rules:
    """``allocations``: in order. ``columns``: what their conditions may name. ``currency`` and ``rates``: what spend in
    several currencies is compared in; asked for only where a rule follows spend.

    Raises ``finops.conditions.ConditionFaults`` for a bad condition.
    """

    allocations: Sequence[Allocation]
    columns: Columns
    currency: str = ""
    rates: Callable[[], Rates] = field(default=lambda: NO_RATES)
    memo: Memo[Allocated] = field(default_factory=Memo, repr=False, compare=False)
    """Of the data version that was asked for last."""

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(
                one,
                self._parsed(one.scope),
                self._parsed(one.by.scope) if isinstance(one.by, BySpend) else None,
            )
            for one in self.allocations
        )

    @property
    def series(self) -> frozenset[str]:
        """The demand series that rules follow."""
        return frozenset(one.by.series for one in self.allocations if isinstance(one.by, BySeries))

    @property
    def follow_spend(self) -> bool:
        return any(isinstance(one.by, BySpend) for one in self.allocations)

    def digest(self) -> str:
        """Changes with whatever decides what is moved, except the data."""
        plain = json.dumps([one.to_json() for one in self.allocations], sort_keys=True)
        money = f"{self.currency} {self.rates().digest}" if self.follow_spend else ""
        return f"sha256:{sha256(f'{plain} {money}'.encode()).hexdigest()}"

    def _parsed(self, text: str | None) -> Condition | None:
        return parse(text, self.columns) if text is not None else None


NO_RULES = Rules((), Columns({}))
"""Every cost stays where its bill has it."""


def cycle(rules: Sequence[Rule]) -> list[tuple[str, str]] | None:
    """A way on which costs come back to where they were taken from, as (value, rule that takes from it) in order; None
    where there is none. Values that only the data tells never get costs back (see ``finops.allocate.shares``)."""
    edges: dict[tuple[str, str], list[tuple[tuple[str, str], str]]] = {}
    values = {(rule.allocation.to, value) for rule in rules for value in rule.allocation.targets}
    for dimension, value in sorted(values):
        for rule in rules:
            if rule.allocation.to == dimension and rule.distributes(value):
                edges.setdefault((dimension, value), []).extend(
                    ((dimension, target), rule.allocation.name) for target in rule.allocation.targets
                )
    for start in edges:
        found = next(_ways_back(start, start, edges, []), None)
        if found is not None:
            return found
    return None


def _ways_back(
    start: tuple[str, str],
    at: tuple[str, str],
    edges: Mapping[tuple[str, str], Sequence[tuple[tuple[str, str], str]]],
    way: list[tuple[str, str]],
) -> Iterator[list[tuple[str, str]]]:
    for target, name in edges.get(at, ()):
        step = (at[1], name)
        if target == start:
            yield [*way, step]
        elif target in edges and step not in way and all(value != target[1] for value, _ in way):
            yield from _ways_back(start, target, edges, [*way, step])
