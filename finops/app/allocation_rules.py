"""``allocations:`` of finops.yaml, ready to be applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finops.allocate import Rules
from finops.app.settings import SettingsReader, settings_of
from finops.config import Config
from finops.focus.schema import condition_columns
from finops.model.allocation import Allocation
from finops.model.evaluation import Settings


def allocation_rules_of(config: Config) -> Rules:
    """Rates are read when they are needed: their file may change under a running service."""
    settings = settings_of(config)
    return replace(allocation_rules(config.allocations, settings), rates=lambda: SettingsReader(config).read().rates)


def allocation_rules(allocations: Sequence[Allocation], settings: Settings) -> Rules:
    columns = condition_columns().with_dimensions(settings.dimensions)
    return Rules(allocations, columns, settings.currency, lambda: settings.rates)
