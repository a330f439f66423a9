"""What policy files and their tests are read with: the dimensions, series and days of a finops.yaml, or of none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from finops.allocate import NO_RULES, Rules
from finops.app.allocation_rules import allocation_rules
from finops.app.settings import settings_of
from finops.config import Config, load_config
from finops.config.plugins import policy_kinds
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns, focus_columns
from finops.model.evaluation import Settings
from finops.policy.kind import Kinds
from finops.policy.options import Known
from finops.policy.testing import Vocabulary
from finops.ports.lake import DimensionColumns

CURRENCY = "EUR"
"""Of verdicts that name none, where no finops.yaml says another."""


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """``policies``: where finops.yaml has its policy files. ``settings``: without rates, which no file may change under
    a test."""

    kinds: Kinds
    known: Known
    settings: Settings
    dimensions: DimensionColumns
    policies: tuple[Path, ...] = ()
    allocations: Rules = NO_RULES

    @property
    def vocabulary(self) -> Vocabulary:
        choices = {name: column.allowed_values for name, column in focus_columns().items() if column.allowed_values}
        return Vocabulary(self.known, self.kinds, choices, self.settings.dimensions)


def nearest_config(paths: Sequence[Path], named: Path) -> Path | None:
    """The finops.yaml that knows the dimensions: the one named, else the first in the folders above the policies."""
    if named.exists():
        return named
    for path in paths:
        for folder in (path.resolve(), *path.resolve().parents):
            if (folder / "finops.yaml").is_file():
                return folder / "finops.yaml"
    return None


def read_policy_context(config_path: Path | None) -> PolicyContext:
    """None: no dimension and no demand series is known. Raises ``Malformed`` with every fault of finops.yaml."""
    if config_path is None:
        kinds, columns = policy_kinds().load_all(), condition_columns()
        return PolicyContext(kinds, Known(columns, ()), Settings(CURRENCY), Dimensions((), columns))
    return policy_context_of(load_config(config_path, condition_columns()))


def policy_context_of(config: Config) -> PolicyContext:
    kinds = policy_kinds().load_all()
    columns = condition_columns()
    known = Known(columns.with_dimensions(config.dimension_names), [entry.name for entry in config.demand], config.value_currencies)
    return PolicyContext(kinds, known, settings_of(config), Dimensions(config.dimensions, columns), config.policy_paths, allocation_rules(config.allocations, settings_of(config)))
